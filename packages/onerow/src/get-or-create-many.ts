import type { CallOptions } from './call.ts'
import { checkCreate, checkLookup, checkNames } from './candidate.ts'
import { checkCall } from './check-call.ts'
import type { Database } from './database.ts'
import { getOrCreate } from './get-or-create.ts'
import type { GetOrCreateResult, GetOrCreateValues } from './get-or-create.ts'
import type { Key, RowOf } from './key.ts'
import { isLazy } from './lazy.ts'
import { many } from './many.ts'
import type { Wanted } from './many.ts'
import type { Calls, StreamOptions } from './stream.ts'
import { toRow } from './to-row.ts'

/** How many batches of a stream are under way at once: while the database works on some, others are made and read. */
const defaultParallel = 4

/**
 * Gives the rows with these keys; creates those that are missing. A list of {@link getOrCreate} calls: all of them are done or
 * none, in one transaction, with as few statements as the engine allows. Of several calls with one key, the first may create the
 * row, and the others find it.
 *
 * A stream of calls, such as an async generator, is answered by a stream of results; each of its batches is a transaction of its
 * own, and only a few are in memory at a time. In a caller's transaction, a list takes part in it, behind a savepoint.
 *
 * @param db where to run: `fromPg(pool)`, `fromNodeSqlite(database)`, …
 * @param key from `uniqueKey`
 * @param calls the values of each call, as for `getOrCreate`. An empty list costs no SQL.
 * @param options `signal`; for a stream also `batch`, `parallel` (4 unless told) and `onProgress`
 * @returns for each call its row and whether it created it, in the order of the calls
 * @throws `RowFailedError` (`kind: 'row-failed'`) with the `index` of the call at fault and its error as `cause`: then nothing of
 *   the list, or of that call's batch, has been written; else as `getOrCreate`
 * @example
 * ```ts
 * const cards = await getOrCreateMany(fromPg(pool), identityCard, [
 *   { where: { userId: 7n, documentType: 'PAN_CARD' }, create: { file: 'pan.pdf' } },
 *   { where: { userId: 8n, documentType: 'PAN_CARD' }, create: { file: 'pan.pdf' } },
 * ])
 * console.log(cards.filter(({ created }) => created).length)
 * ```
 */
export function getOrCreateMany<K extends Key>(
  db: Database,
  key: K,
  calls: readonly GetOrCreateValues<K>[],
  options?: CallOptions,
): Promise<readonly GetOrCreateResult<RowOf<K>>[]>
export function getOrCreateMany<K extends Key>(
  db: Database,
  key: K,
  calls: Calls<GetOrCreateValues<K>>,
  options?: StreamOptions,
): AsyncGenerator<GetOrCreateResult<RowOf<K>>, void, undefined>
export function getOrCreateMany<K extends Key>(
  db: Database,
  key: K,
  calls: readonly GetOrCreateValues<K>[] | Calls<GetOrCreateValues<K>>,
  options: StreamOptions = {},
) {
  return many<GetOrCreateValues<K>, GetOrCreateResult<RowOf<K>>>(
    {
      db,
      key,
      check: (values) => wanted(db, key, values),
      asList: (list, items) => list.findOrInsertAll(items),
      resultOf: ({ row, outcome }) => ({ row: toRow(db, key, row), created: outcome === 'created' }),
      alone: (tx, values, { signal }) => getOrCreate(tx, key, values, signal && { signal }),
    },
    calls,
    { ...options, parallel: options.parallel ?? defaultParallel },
  )
}

function wanted<K extends Key>(db: Database, key: K, values: GetOrCreateValues<K>): Wanted {
  checkCall(db, key, values, ['where', 'create'])
  const { where, create }: { where: object; create?: unknown } = values
  const lookup = checkLookup(key, where)
  if (isLazy(create)) {
    checkNames(key, create, 'create')
    return { row: lookup, isLazy: true }
  }
  return { row: checkCreate(key, lookup, create ?? {}), isLazy: false }
}
