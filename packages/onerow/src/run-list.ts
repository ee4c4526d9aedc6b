import type { Values } from './candidate.ts'
import type { Database, StoredRow } from './database.ts'
import type { Arbiter, StatementKind } from './dialect.ts'
import type { Decided } from './key-rows.ts'
import type { KeyDefinition } from './key.ts'
import { decoded, outcomeOf, runStatement, valueOf, withoutMark } from './run-statement.ts'
import { nothing } from './shape.ts'
import { templateOf } from './templates.ts'

/** What one call of a list wants: the row it would make, and what it would change in one that is there. */
export interface ListItem {
  readonly row: Values
  readonly changes?: Values | undefined
}

/** Where a list is sent, and for which key. */
export interface ListCall {
  readonly db: Database
  readonly key: KeyDefinition
  /** Whether it is a list of several callers, of which none may wait for what only concerns another. */
  readonly impatient?: boolean
  /** How nearly all of its calls will end: the others are left unanswered then. */
  readonly expected?: 'found' | 'created' | undefined
  /** Whether it is sent in a transaction. */
  readonly inTransaction?: boolean
}

/** What came of a call; `locked` is an answer between two statements only. */
export type Outcome = 'found' | 'created' | 'locked' | 'updated' | 'unchanged'

/** What came of each item, in their order; nothing where a rival was in between. */
export type Answers = readonly (Decided<Outcome> | undefined)[]

/** A statement for a list. */
export interface ListStatement extends ListCall {
  readonly arbiter: Arbiter
  readonly kind: StatementKind
  readonly items: readonly ListItem[]
  /** How many rows it has places for, where it has one for each: the last item takes all that are left. */
  readonly rows?: number
}

export function runAll(statement: ListStatement): Promise<readonly StoredRow[]> {
  const { db, key, arbiter, kind, items, impatient, rows } = statement
  const item = (place: number) => items[Math.min(place, items.length - 1)]
  const { row = nothing, changes } = item(0) ?? {}
  const template = templateOf(db.dialect, { key, arbiter, kind, row, changes, rows, impatient })
  const values = template.slots.map((slot) =>
    slot.place === undefined
      ? items.map((each) => valueOf(slot, each.row, each.changes))
      : valueOf(slot, item(slot.place)?.row ?? nothing, item(slot.place)?.changes),
  )
  return runStatement(db, template, values)
}

/** Reads the answers from records that tell in `onerow` an outcome, or none but the usual one, and a place in the list: `found 3`. */
export function answersOf(
  { table }: KeyDefinition,
  length: number,
  records: readonly StoredRow[],
  usual: Outcome = 'found',
): (Decided<Outcome> | undefined)[] {
  const answers = Array.from<Decided<Outcome> | undefined>({ length })
  for (const record of records) {
    const { outcome, index } = toldBy(record, usual)
    // Those that only fill a statement's places.
    if (index < length) answers[index] = { row: decoded(table, withoutMark(record)), outcome }
  }
  return answers
}

/** The outcome that a record tells, and of which item of the list, from 0. */
export function toldBy(
  record: StoredRow,
  usual: Outcome = 'found',
): { readonly outcome: Outcome; readonly index: number } {
  const { onerow: mark } = record
  // A tool may give numbers as numbers, bigints or texts.
  if (typeof mark === 'number' || typeof mark === 'bigint') return { outcome: usual, index: Number(mark) - 1 }
  const told = outcomeOf(record)
  const space = told.indexOf(' ')
  if (space < 0) return { outcome: usual, index: Number(told) - 1 }
  // The dialect writes the outcome's word into the statement; Dialect documents which.
  return { outcome: told.slice(0, space) as Outcome, index: Number(told.slice(space)) - 1 }
}
