import type { CallOptions } from './call.ts'
import { checkCreate, checkLookup, checkNames, checkUpdate } from './candidate.ts'
import { checkCall } from './check-call.ts'
import type { Database } from './database.ts'
import type { Key, RowOf, UpdateOf } from './key.ts'
import { isLazy } from './lazy.ts'
import { many } from './many.ts'
import type { Wanted } from './many.ts'
import type { Calls, StreamOptions } from './stream.ts'
import { toRow } from './to-row.ts'
import { updateOrCreate } from './update-or-create.ts'
import type {
  UpdateOrCreateByFunction,
  UpdateOrCreateResult,
  UpdateOrCreateValues,
} from './update-or-create.ts'

/** The values of one call of an {@link updateOrCreateMany}. */
export type UpdateOrCreateManyValues<K extends Key, Update extends UpdateOf<K>> =
  | UpdateOrCreateValues<K, Update>
  | UpdateOrCreateByFunction<K>

/**
 * Updates the rows with these keys; creates those that are missing. A list of {@link updateOrCreate} calls: all of them are done
 * or none, in one transaction, with as few statements as the engine allows. Several calls with one key are applied one after the
 * other.
 *
 * Streams and a caller's transaction as for {@link getOrCreateMany}; but the batches of a stream run one after the other unless
 * `parallel` says otherwise, so that the last of several calls with one key decides.
 *
 * @param db where to run: `fromPg(pool)`, `fromNodeSqlite(database)`, …
 * @param key from `uniqueKey`
 * @param calls the values of each call, as for `updateOrCreate`. An empty list costs no SQL.
 * @param options `signal`; for a stream also `batch`, `parallel` (1 unless told) and `onProgress`
 * @returns for each call its row and what was done, in the order of the calls
 * @throws as `getOrCreateMany` does
 * @example
 * ```ts
 * const cards = await updateOrCreateMany(fromPg(pool), identityCard, [
 *   { where: { userId: 7n, documentType: 'PAN_CARD' }, update: { file: 'pan-2.pdf' } },
 *   { where: { userId: 8n, documentType: 'PAN_CARD' }, update: { file: 'pan-2.pdf' } },
 * ])
 * console.log(cards.filter(({ outcome }) => outcome === 'updated').length)
 * ```
 */
export function updateOrCreateMany<K extends Key, const Update extends UpdateOf<K>>(
  db: Database,
  key: K,
  calls: readonly UpdateOrCreateManyValues<K, Update>[],
  options?: CallOptions,
): Promise<readonly UpdateOrCreateResult<RowOf<K>>[]>
export function updateOrCreateMany<K extends Key, const Update extends UpdateOf<K>>(
  db: Database,
  key: K,
  calls: Calls<UpdateOrCreateManyValues<K, Update>>,
  options?: StreamOptions,
): AsyncGenerator<UpdateOrCreateResult<RowOf<K>>, void, undefined>
export function updateOrCreateMany<K extends Key>(
  db: Database,
  key: K,
  calls: readonly UpdateOrCreateByFunction<K>[] | Calls<UpdateOrCreateByFunction<K>>,
  options: StreamOptions = {},
) {
  return many<UpdateOrCreateByFunction<K>, UpdateOrCreateResult<RowOf<K>>>(
    {
      db,
      key,
      check: (values) => wanted(db, key, values),
      asList: (list, items) => list.updateOrInsertAll(items),
      resultOf({ row, outcome }) {
        // Without changes, a row that is there was looked for only.
        const done = outcome === 'created' || outcome === 'updated' ? outcome : 'unchanged'
        return { row: toRow(db, key, row), created: done === 'created', outcome: done }
      },
      alone: (tx, values, { signal }) => updateOrCreate(tx, key, values, signal && { signal }),
    },
    calls,
    options,
  )
}

function wanted(db: Database, key: Key, values: object): Wanted {
  checkCall(db, key, values, ['where', 'update', 'create'])
  // What checkCall has seen to.
  const { where, update, create } = values as { where: object; update: object; create?: object }
  const lookup = checkLookup(key, where)
  checkNames(key, update, 'update')
  checkNames(key, create, 'create')
  if (isLazy(update) || isLazy(create)) return { row: lookup, isLazy: true }
  const changes = checkUpdate(key, update)
  return { row: checkCreate(key, lookup, { ...update, ...create }), changes, isLazy: false }
}
