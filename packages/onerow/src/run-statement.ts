import { encoded } from './candidate.ts'
import type { Values } from './candidate.ts'
import type { Database, StoredRow } from './database.ts'
import type { Slot, Template } from './dialect.ts'
import { nothing } from './shape.ts'
import { StatementFailure } from './statement-failure.ts'
import type { TableDefinition } from './table.ts'

/** The value that a statement sends for a slot. */
export function valueOf({ from, column }: Slot, row: Values, changes: Values = nothing): unknown {
  if (from === 'row') return row[column.index]
  const change = changes[column.index]
  return change === undefined ? encoded(column, column.onUpdate?.()) : change
}

/** Runs a statement of the dialect's; what the database says against it is told as a `StatementFailure`. */
export function runStatement(
  db: Database,
  { text, name, counts }: Template,
  values: readonly unknown[],
): Promise<readonly StoredRow[]> {
  const statement = counts === true ? { text, values, name, counts } : { text, values, name }
  return db.execute(statement).catch((error: unknown) => {
    throw new StatementFailure(db.dialect.classify(error), error)
  })
}

/** The record without the statement's own column: the driver's own object, with its prototype; or the like of it. */
export function withoutMark(record: StoredRow): StoredRow {
  if (Object.getPrototypeOf(record) === Object.prototype) {
    // A copy, as V8 keeps an object from which a property was deleted in another form, slower to read and several times the size.
    const { onerow: _, ...row } = record
    return row
  }
  Reflect.deleteProperty(record, 'onerow')
  return record
}

/** @throws `TypeError` when the data tool has given the statement's own column another name */
export function outcomeOf({ onerow }: StoredRow): string {
  if (typeof onerow === 'string') return onerow
  throw new TypeError(
    'The data tool renames the columns of results, so onerow cannot read its own: turn that off for it.',
  )
}

/** Makes of a record a row of the table. */
export function decoded({ columns }: TableDefinition, record: StoredRow): object {
  let row: Record<string, unknown> | undefined
  for (const { property, decode } of columns) {
    if (!decode) continue
    row ??= { ...record }
    const stored = row[property]
    if (stored !== null) row[property] = decode(stored)
  }
  return row ?? record
}
