import type { Call, CallOptions } from './call.ts'
import { checkCreate, checkLookup, checkNames, checkUpdate } from './candidate.ts'
import type { Values } from './candidate.ts'
import { checkCall } from './check-call.ts'
import type { Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import type { WithCreate } from './get-or-create.ts'
import { KeyRows } from './key-rows.ts'
import type { Decided } from './key-rows.ts'
import type { CreateOf, Key, LookupOf, RowOf, UpdateOf } from './key.ts'
import { learnedOf } from './learned.ts'
import { evaluated, isLazy } from './lazy.ts'
import { isEmpty } from './shape.ts'
import { toRow } from './to-row.ts'
import { beginOnce } from './transaction.ts'
import { untilAborted } from './until-aborted.ts'
import { untilDecided } from './until-decided.ts'

type CreateBeside<K extends Key, Update> =
  Record<never, never> extends Omit<CreateOf<K>, keyof Update>
    ? { readonly create?: UpdateOf<K> | (() => UpdateOf<K> | Promise<UpdateOf<K>>) }
    : WithCreate<Omit<CreateOf<K>, keyof Update> & UpdateOf<K>>

/** The values of an {@link updateOrCreate} call that sets values. */
export type UpdateOrCreateValues<K extends Key, Update extends UpdateOf<K>> = {
  /** A value for every column of the key. */
  readonly where: LookupOf<K>
  /** The columns to set, each a value or a function. */
  readonly update: Update & {
    // Spelled out, as an inferred type with no known property would otherwise let anything pass.
    readonly [P in keyof Update | keyof UpdateOf<K>]?: P extends keyof UpdateOf<K> ? UpdateOf<K>[P] : never
  }
} & CreateBeside<K, Update>

/** The values of an {@link updateOrCreate} call that computes the change from the current row. */
export type UpdateOrCreateByFunction<K extends Key> = {
  /** A value for every column of the key. */
  readonly where: LookupOf<K>
  /** Gets the current row, under its lock, and gives the columns to set. */
  readonly update: (current: RowOf<K>) => UpdateOf<K> | Promise<UpdateOf<K>>
} & WithCreate<CreateOf<K>>

/** What {@link updateOrCreate} answers. */
export interface UpdateOrCreateResult<Row> {
  /** The row as stored. */
  readonly row: Row
  /** Whether this call made the row; as `outcome` tells, too. */
  readonly created: boolean
  /** `unchanged`: the row had these values already, and nothing was written. */
  readonly outcome: 'created' | 'updated' | 'unchanged'
}

/**
 * Updates the row with this key; creates it if there is none. Changes the named columns and no other, and writes nothing
 * when the row has the values already.
 *
 * @param db where to run: `fromPg(pool)`, `fromNodeSqlite(database)`, …
 * @param key from `uniqueKey`
 * @param values `where`: a value for each of the key's columns. `update`: the columns to set, or a function of the
 *   current row, run under the row's lock, in a transaction of its own unless the caller has one (so it must not wait for
 *   another connection of the same pool). `create`: values for a new row only; a new row gets `where`, `update` values and `create`, and `create` wins.
 * @param options `signal`: ends the call when it is aborted
 * @returns the row as stored, and what was done
 * @throws as `getOrCreate` does
 * @example
 * ```ts
 * const { row, outcome } = await updateOrCreate(fromPg(pool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   update: { file: 'pan-2.pdf' },
 * })
 * ```
 */
export function updateOrCreate<K extends Key>(
  db: Database,
  key: K,
  values: UpdateOrCreateByFunction<K>,
  options?: CallOptions,
): Promise<UpdateOrCreateResult<RowOf<K>>>
export function updateOrCreate<K extends Key, const Update extends UpdateOf<K>>(
  db: Database,
  key: K,
  values: UpdateOrCreateValues<K, Update>,
  options?: CallOptions,
): Promise<UpdateOrCreateResult<RowOf<K>>>
export async function updateOrCreate<K extends Key>(
  db: Database,
  key: K,
  values: PlainValues,
  { signal }: CallOptions = {},
): Promise<UpdateOrCreateResult<RowOf<K>>> {
  checkCall(db, key, values, ['where', 'update', 'create'])
  const { update } = values
  const lookup = checkLookup(key, values.where)
  const call: Call = { db, key, lookup, learned: learnedOf(db, key), signal }
  const { row, outcome } = await untilAborted(signal, () =>
    isFunction(update) ? updateByFunction(call, values, update) : updateByValues(call, values),
  )
  return { row: toRow(db, key, row), created: outcome === 'created', outcome }
}

interface PlainValues {
  readonly where: object
  readonly update: unknown
  readonly create?: unknown
}

type Done = Decided<'created' | 'updated' | 'unchanged'>

async function updateByValues(call: Call, { update, create }: PlainValues): Promise<Done> {
  const { key, lookup } = call
  checkNames(key, update, 'update')
  checkNames(key, create, 'create')
  const [updateValues, createValues] = [evaluated(update, 'update'), evaluated(create, 'create')]
  const changes = async () => checkUpdate(key, await updateValues())
  const newRow = async () =>
    checkCreate(key, [...lookup], { ...(await updateValues()), ...(await createValues()) })
  const plain =
    isLazy(update) || isLazy(create) ? undefined : { row: await newRow(), changes: await changes() }

  const attempt = async (rows: KeyRows): Promise<Done | undefined> => {
    const found = await rows.find()
    if (found) {
      const done = await applied(rows, found, await changes())
      if (done || !rows.findCurrent) return done
      // Perhaps only our snapshot still shows it.
      if (await rows.findCurrent()) return undefined
    }
    const inserted = await rows.insert(await newRow())
    if (inserted) return inserted

    const winner = await rows.findCurrent?.()
    return winner && applied(rows, winner, await changes())
  }
  return untilDecided<Done>(call, (rows) => {
    const { updateOrInsert } = rows
    return plain && !isEmpty(plain.changes) && updateOrInsert
      ? [() => updateOrInsert(plain.row, plain.changes)]
      : [() => attempt(rows)]
  })
}

async function updateByFunction(
  call: Call,
  { create }: PlainValues,
  update: (current: object) => unknown,
): Promise<Done> {
  const { db, key, lookup } = call
  checkNames(key, create, 'create')
  const createValues = evaluated(create, 'create')
  let newRow = isLazy(create) ? undefined : checkCreate(key, [...lookup], await createValues())

  const attempt = async (rows: KeyRows): Promise<Done | undefined> => {
    const current = await rows.findForUpdate()
    if (current) {
      const changes = await changesOf(update, toRow<Key>(db, key, copyOf(current.row)))
      return applied(rows, current, checkUpdate(key, changes))
    }
    return newRow && rows.insert(newRow)
  }
  const inTransaction = async (rows: KeyRows, arbiter: Arbiter): Promise<Done | undefined> => {
    const isOpen = await db.inTransaction()
    const once = () =>
      isOpen
        ? attempt(rows)
        : beginOnce(db, (tx) => attempt(new KeyRows({ ...call, db: tx, inTransaction: true }, arbiter)))
    const done = await once()
    if (done || newRow) return done
    // There is no row. What `create` does takes its time, and perhaps a connection of the same pool: it does not run while
    // the call holds one.
    newRow = checkCreate(key, [...lookup], await createValues())
    return once()
  }
  return untilDecided<Done>(call, (rows, arbiter) => [() => inTransaction(rows, arbiter)])
}

/** Lest a change to its argument, by the `update` function, be taken for one of the row. */
function copyOf(row: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(row)), row)
}

async function changesOf(update: (current: object) => unknown, current: object): Promise<object> {
  const changes = await update(current)
  if (changes === undefined || changes === null)
    throw new TypeError(
      'The `update` function must return the columns to set; it returned nothing. For no change, {}.',
    )
  return evaluated(changes, 'update')()
}

async function applied(rows: KeyRows, found: Decided<unknown>, changes: Values): Promise<Done | undefined> {
  if (isEmpty(changes)) return { row: found.row, outcome: 'unchanged' }
  return (await rows.update(changes)) ?? rows.findUnchanged(changes)
}

function isFunction(value: unknown): value is (current: object) => unknown {
  return typeof value === 'function'
}
