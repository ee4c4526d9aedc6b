import type { Call, CallOptions } from './call.ts'
import { checkCreate, checkLookup, checkNames } from './candidate.ts'
import type { Values } from './candidate.ts'
import { checkCall } from './check-call.ts'
import { coalesced } from './coalesce.ts'
import type { Database } from './database.ts'
import type { CreateOf, Key, KeyDefinition, LookupOf, RowOf } from './key.ts'
import type { Decided } from './key-rows.ts'
import { learnedOf } from './learned.ts'
import { evaluated, isLazy } from './lazy.ts'
import { expected, prolong } from './streak.ts'
import { toRow } from './to-row.ts'
import { untilAborted } from './until-aborted.ts'
import { untilDecided } from './until-decided.ts'

/** `create`, which may be left out when the row needs no more than its key. */
export type WithCreate<Create> =
  Record<never, never> extends Create
    ? { readonly create?: Create | (() => Create | Promise<Create>) }
    : { readonly create: Create | (() => Create | Promise<Create>) }

/** The values of a {@link getOrCreate} call. */
export type GetOrCreateValues<K extends Key> = {
  /** A value for every column of the key. */
  readonly where: LookupOf<K>
} & WithCreate<CreateOf<K>>

/** What {@link getOrCreate} answers. */
export interface GetOrCreateResult<Row> {
  /** The row as stored. */
  readonly row: Row
  /** Whether this call made the row. Inside a transaction it is final only once that transaction commits. */
  readonly created: boolean
}

/**
 * Gives the row with this key; creates it if there is none. Of any number of callers at once, one creates the row and
 * all get it.
 *
 * A call whose row exists writes nothing. In a caller's transaction it takes part in that transaction, and `created` is
 * provisional until the commit.
 *
 * @param db where to run: `fromPg(pool)`, `fromNodeSqlite(database)`, …
 * @param key from `uniqueKey`
 * @param values `where`: a value for each of the key's columns. `create`: the other columns of a new row. It, and each
 *   value in it, may be a function, sync or async, called only if the row must be created.
 * @param options `signal`: ends the call when it is aborted
 * @returns the row as stored, and whether this call created it
 * @throws an `OnerowError`: `outside-key`, `key-not-enforced`, `duplicate-rows`, `conflict-elsewhere`,
 *   `retry-transaction` (in a caller's transaction only) or `contention`; else the data tool's own error
 * @example
 * ```ts
 * const { row, created } = await getOrCreate(fromPg(pool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export async function getOrCreate<K extends Key>(
  db: Database,
  key: K,
  values: GetOrCreateValues<K>,
  { signal }: CallOptions = {},
): Promise<GetOrCreateResult<RowOf<K>>> {
  checkCall(db, key, values, ['where', 'create'])
  const { where, create }: { where: object; create?: unknown } = values
  const lookup = checkLookup(key, where)
  const plainRow = isLazy(create) ? undefined : checkCreate(key, [...lookup], create ?? {})
  const newRow = plainRow ? () => plainRow : lazyRow(key, lookup, create)
  const learned = learnedOf(db, key)
  const call: Call = { db, key, lookup, learned, signal }

  const alone = () =>
    untilDecided<Decided<'found' | 'created'>>(call, (rows) => {
      const find = () => rows.find()
      const insert = async () => rows.insert(await newRow())
      const findWinner = async () => rows.findCurrent?.()

      const { findOrInsert } = rows
      const likely = expected(learned.streak)
      if (!plainRow || !findOrInsert || likely === 'found') return [find, insert, findWinner]
      // The second insert is for a row that was there at the first and gone when we looked.
      return likely === 'created' ? [insert, find, insert] : [() => findOrInsert(plainRow)]
    })
  const { row, outcome } = await untilAborted(signal, () =>
    plainRow ? coalesced(call, plainRow, alone) : alone(),
  )
  prolong(learned.streak, outcome)
  return { row: toRow(db, key, row), created: outcome === 'created' }
}

/** Makes the new row of values of which some must be called, once it is needed. */
function lazyRow(key: KeyDefinition, lookup: Values, create: unknown): () => Promise<Values> {
  checkNames(key, create, 'create')
  const createValues = evaluated(create, 'create')
  return async () => checkCreate(key, [...lookup], await createValues())
}
