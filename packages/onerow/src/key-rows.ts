import type { Values } from './candidate.ts'
import type { Call } from './call.ts'
import { commitsAlone } from './commits-alone.ts'
import type { StoredRow } from './database.ts'
import type { Arbiter, StatementKind } from './dialect.ts'
import { DuplicateRowsError } from './errors.ts'
import { readMark } from './read-mark.ts'
import { decoded, outcomeOf, runStatement, valueOf, withoutMark } from './run-statement.ts'
import { StatementFailure } from './statement-failure.ts'
import { templateOf } from './templates.ts'
import { committed } from './transaction.ts'

/** A row, and how it came to be what it is. */
export interface Decided<Outcome> {
  readonly row: object
  readonly outcome: Outcome
}

type Answer<Outcome> = Promise<Decided<Outcome> | undefined>

/** The statements of one call: on one database, for one lookup of one key. Each answers the row, or nothing. */
export class KeyRows {
  readonly #call: Call
  readonly #arbiter: Arbiter

  constructor(call: Call, arbiter: Arbiter) {
    this.#call = call
    this.#arbiter = arbiter
  }

  find(): Answer<'found'> {
    return this.#one('found', 'find', this.#call.lookup)
  }

  /** The row, locked until the transaction ends. */
  findForUpdate(): Answer<'found'> {
    return this.#one('found', 'findForUpdate', this.#call.lookup)
  }

  /** The row as others have committed it, where `find` may show it as it was before. */
  get findCurrent(): (() => Answer<'found'>) | undefined {
    const { db, lookup } = this.#call
    return db.dialect.statements.findCurrent && (() => this.#one('found', 'findCurrent', lookup))
  }

  /** How many rows have the key. */
  async count(): Promise<number> {
    const [record] = await this.#all('count', this.#call.lookup)
    return Number(record?.['count'])
  }

  /** Whether an expression of the key is NULL for the lookup; only for a key that has expressions. */
  get isNullKey(): (() => Promise<boolean>) | undefined {
    const { key, lookup } = this.#call
    if (key.nulls === 'equal' || !key.parts.some((part) => part.of)) return undefined
    return async () => {
      const [record] = await this.#all('isNullKey', lookup)
      if (record?.['onerow'] !== undefined) readMark(record['onerow'], this.#call, {})
      // `'0'` where a tool gives numbers as strings.
      return Boolean(Number(record?.['isNull']))
    }
  }

  /** The new row, or nothing when a rival's row stands there. */
  async insert(row: Values): Answer<'created'> {
    const { db, lookup } = this.#call
    const { insertIsConditional, insertReturns } = db.dialect.capabilities
    // Where the insert cannot make that its own condition: a key that is NULL would not be unique.
    if (!insertIsConditional && (await this.isNullKey?.()) === true) return undefined
    try {
      if (insertReturns) return await this.#one('created', 'insert', row)
      await this.#all('insert', row)
    } catch (error) {
      if (isRefusedByRival(error, this.#arbiter)) return undefined
      throw error
    }
    return this.#one('created', 'find', lookup)
  }

  /** The changed row, or nothing when there is none or nothing to change. */
  async update(changes: Values): Answer<'updated'> {
    const { db, lookup } = this.#call
    if (db.dialect.capabilities.updateReturns) return this.#one('updated', 'update', lookup, changes)
    // It finds only a row that it changes, so the rows it found are as many as it changed: whichever the driver counts.
    const [{ affectedRows } = {}] = await this.#all('update', lookup, changes)
    if (Number(affectedRows) === 0) return undefined
    // The row with these values; or as the column has rounded them.
    const updated = await this.#one('updated', 'findUnchanged', lookup, changes)
    return updated ?? this.#one('updated', 'findCurrent', lookup)
  }

  /** The row, if it has these values already. */
  findUnchanged(changes: Values): Answer<'unchanged'> {
    return this.#one('unchanged', 'findUnchanged', this.#call.lookup, changes)
  }

  /** Find and insert in one round trip, where the engine can. */
  get findOrInsert(): ((row: Values) => Answer<'found' | 'created'>) | undefined {
    const { statements } = this.#call.db.dialect
    return statements.findOrInsert && ((row) => this.#told('findOrInsert', row))
  }

  /** Update, or find unchanged, or insert, in one round trip, where the engine can. */
  get updateOrInsert():
    | ((row: Values, changes: Values) => Answer<'created' | 'updated' | 'unchanged'>)
    | undefined {
    const { statements } = this.#call.db.dialect
    return statements.updateOrInsert && ((row, changes) => this.#told('updateOrInsert', row, changes))
  }

  /** @param outcome how the row that the statement answers came to be what it is */
  #one<Outcome extends string>(
    outcome: Outcome,
    kind: StatementKind,
    row: Values,
    changes?: Values,
  ): Answer<Outcome> {
    return this.#all(kind, row, changes).then((records) => {
      const [record] = records
      if (!record) return undefined
      if (records.length > 1) return this.#refuseDuplicates()
      const { onerow: mark } = record
      const { table } = this.#call.key
      if (mark === undefined) return { row: decoded(table, record), outcome }
      if (!readMark(mark, this.#call, this.#arbiter)) return undefined
      return { row: decoded(table, withoutMark(record)), outcome }
    })
  }

  /** Of a statement that tells the outcome. */
  async #told<Outcome extends string>(kind: StatementKind, row: Values, changes?: Values): Answer<Outcome> {
    const [record, second] = await this.#all(kind, row, changes)
    if (second) return this.#refuseDuplicates()
    if (!record) return undefined
    // The dialect writes the outcome's word into the statement; Dialect documents which.
    const outcome = outcomeOf(record) as Outcome
    return { row: decoded(this.#call.key.table, withoutMark(record)), outcome }
  }

  #all(kind: StatementKind, row: Values, changes?: Values): Promise<readonly StoredRow[]> {
    const { db, key, signal } = this.#call
    signal?.throwIfAborted()
    const isAlone = commitsAlone(db)
    const template = templateOf(db.dialect, { key, arbiter: this.#arbiter, kind, row, changes, isAlone })
    const values = template.slots.map((slot) => valueOf(slot, row, changes))
    if (kind !== 'insert') return runStatement(db, template, values)
    return committed(this.#call, this.#arbiter, (on) => runStatement(on, template, values))
  }

  /** More than one record means that the key was not enforced when they were written. */
  async #refuseDuplicates(): Promise<never> {
    const { db, key } = this.#call
    throw new DuplicateRowsError(key, await this.count(), db.dialect.keySql(key))
  }
}

/** Whether an insert was refused by the key's own index: a rival's row stands there. */
function isRefusedByRival(error: unknown, { index }: Arbiter): boolean {
  if (!(error instanceof StatementFailure) || error.failure.kind !== 'unique-violation') return false
  const { constraint } = error.failure
  // MySQL puts the table's name before the index's.
  return index !== undefined && (constraint === index || constraint.endsWith(`.${index}`))
}
