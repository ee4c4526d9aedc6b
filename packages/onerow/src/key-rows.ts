import type { Values } from './candidate.ts'
import type { Call } from './call.ts'
import type { Database, StoredRow } from './database.ts'
import type { Arbiter, StatementKind } from './dialect.ts'
import { DuplicateRowsError } from './errors.ts'
import { readMark } from './read-mark.ts'
import { decoderOf, outcomeOf, runStatement, valueOf, withoutMark } from './run-statement.ts'
import { nothing } from './shape.ts'
import { StatementFailure } from './statement-failure.ts'
import { templatesOf } from './templates.ts'
import { committed } from './transaction.ts'

/** A row, and how it came to be what it is. */
export interface Decided<Outcome> {
  readonly row: object
  readonly outcome: Outcome
}

/** The statements of one call: on one database, for one lookup of one key. Each answers the row, or nothing. */
export interface KeyRows {
  find(): Promise<object | undefined>
  /** The row, locked until the transaction ends. */
  findForUpdate(): Promise<object | undefined>
  /** The row as others have committed it, where `find` may show it as it was before. */
  readonly findCurrent: (() => Promise<object | undefined>) | undefined
  /** How many rows have the key. */
  count(): Promise<number>
  /** Whether an expression of the key is NULL for the lookup; only for a key that has expressions. */
  readonly isNullKey: (() => Promise<boolean>) | undefined
  /** The new row, or nothing when a rival's row stands there. */
  insert(row: Values): Promise<object | undefined>
  /** The changed row, or nothing when there is none or nothing to change. */
  update(changes: Values): Promise<object | undefined>
  /** The row, if it has these values already. */
  findUnchanged(changes: Values): Promise<object | undefined>
  /** Find and insert in one round trip, where the engine can. */
  readonly findOrInsert: ((row: Values) => Promise<Decided<'found' | 'created'> | undefined>) | undefined
  /** Update, or find unchanged, or insert, in one round trip, where the engine can. */
  readonly updateOrInsert:
    | ((row: Values, changes: Values) => Promise<Decided<'created' | 'updated' | 'unchanged'> | undefined>)
    | undefined
}

export function keyRows(call: Call, arbiter: Arbiter): KeyRows {
  const { key, lookup } = call
  const decode = decoderOf(key.table)
  const { statements, capabilities } = call.db.dialect
  const templateOf = templatesOf(call.db.dialect, key, arbiter)
  const all = (kind: StatementKind, row: Values, changes: Values): Promise<readonly StoredRow[]> => {
    call.signal?.throwIfAborted()
    const run = (db: Database) =>
      runStatement(db, templateOf(kind, { row, changes }), (slot) => valueOf(slot, row, changes))
    return kind === 'insert' ? committed(call, arbiter, run) : run(call.db)
  }
  const one = async (kind: StatementKind, row: Values, changes: Values): Promise<object | undefined> => {
    const [record, second] = await all(kind, row, changes)
    if (second) throw await duplicateRows(call, arbiter)
    if (!record) return undefined
    const { onerow: mark } = record
    if (mark === undefined) return decode(record)
    return readMark(mark, call, arbiter) ? decode(withoutMark(record)) : undefined
  }
  const decided = async <Outcome extends string>(
    kind: StatementKind,
    row: Values,
    changes: Values,
  ): Promise<Decided<Outcome> | undefined> => {
    const [record, second] = await all(kind, row, changes)
    if (second) throw await duplicateRows(call, arbiter)
    if (!record) return undefined
    // The dialect writes the outcome's word into the statement; Dialect documents which.
    const outcome = outcomeOf(record) as Outcome
    return { row: decode(withoutMark(record)), outcome }
  }
  const isNullKey =
    key.nulls === 'distinct' && key.parts.some((part) => part.of)
      ? async () => {
          const [record] = await all('isNullKey', lookup, nothing)
          if (record?.['onerow'] !== undefined) readMark(record['onerow'], call, {})
          // `'0'` where a tool gives numbers as strings.
          return Boolean(Number(record?.['isNull']))
        }
      : undefined
  const inserted = async (row: Values): Promise<object | undefined> => {
    // Where the insert cannot make that its own condition: a key that is NULL would not be unique.
    if (!capabilities.insertIsConditional && (await isNullKey?.()) === true) return undefined
    if (capabilities.insertReturns) return one('insert', row, nothing)
    await all('insert', row, nothing)
    return one('find', lookup, nothing)
  }
  return {
    find: () => one('find', lookup, nothing),
    findForUpdate: () => one('findForUpdate', lookup, nothing),
    count: async () => Number((await all('count', lookup, nothing))[0]?.['count']),
    isNullKey,
    findCurrent: statements.findCurrent && (() => one('findCurrent', lookup, nothing)),
    insert: (row) => refusedByRival(inserted(row), arbiter),
    update: capabilities.updateReturns
      ? (changes) => one('update', lookup, changes)
      : async (changes) => {
          // It finds only a row that it changes, so the rows it found are as many as it changed: whichever the driver counts.
          const [{ affectedRows } = {}] = await all('update', lookup, changes)
          if (Number(affectedRows) === 0) return undefined
          // The row with these values; or as the column has rounded them.
          return (await one('findUnchanged', lookup, changes)) ?? one('findCurrent', lookup, nothing)
        },
    findUnchanged: (changes) => one('findUnchanged', lookup, changes),
    findOrInsert: statements.findOrInsert && ((row) => decided('findOrInsert', row, nothing)),
    updateOrInsert: statements.updateOrInsert && ((row, changes) => decided('updateOrInsert', row, changes)),
  }
}

/** Nothing, where the insert was refused by the key's own index: a rival's row stands there. */
async function refusedByRival<Answer>(
  insert: Promise<Answer>,
  { index }: Arbiter,
): Promise<Answer | undefined> {
  try {
    return await insert
  } catch (error) {
    if (error instanceof StatementFailure && error.failure.kind === 'unique-violation') {
      const { constraint } = error.failure
      // MySQL puts the table's name before the index's.
      if (index !== undefined && (constraint === index || constraint.endsWith(`.${index}`))) return undefined
    }
    throw error
  }
}

/** More than one record means that the key was not enforced when they were written. */
async function duplicateRows(call: Call, arbiter: Arbiter): Promise<DuplicateRowsError> {
  const count = await keyRows(call, arbiter).count()
  return new DuplicateRowsError(call.key, count, call.db.dialect.keySql(call.key))
}
