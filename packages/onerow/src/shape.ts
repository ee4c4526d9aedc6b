import type { Values } from './candidate.ts'
import type { Arbiter, Shape } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import type { Column } from './table.ts'

/** Which values a statement sends, and what else its text depends on. */
export interface Content {
  readonly row: Values
  readonly changes?: Values | undefined
  /** As in `Shape`. */
  readonly rows?: number | undefined
  readonly impatient?: boolean | undefined
  readonly isAlone?: boolean | undefined
}

/** No values: of a statement that inserts or changes nothing. */
export const nothing: Values = []

/** Whether there is no value at all. */
export function isEmpty(values: Values): boolean {
  return values.every((value) => value === undefined)
}

/** What the text of a statement depends on: which columns have values, not what these are. */
export function shapeOf(
  key: KeyDefinition,
  arbiter: Arbiter,
  { row, changes = nothing, rows, impatient = false, isAlone = false }: Content,
): Shape {
  const { columns } = key.table
  const isChanged = ({ index }: Column) => changes[index] !== undefined
  return {
    key,
    arbiter,
    nullColumns: key.parts.map((part) => part.column).filter((column) => row[column.index] === null),
    insertColumns: columns.filter((column) => row[column.index] !== undefined),
    updateColumns: columns.filter(isChanged),
    touchedColumns: isEmpty(changes) ? [] : columns.filter((column) => column.onUpdate && !isChanged(column)),
    impatient,
    isAlone,
    ...(rows !== undefined && { rows }),
  }
}

/** The same for all contents of one shape, in one table. */
export function shapeName(
  { table }: KeyDefinition,
  { row, changes, rows, impatient = false, isAlone = false }: Content,
): string {
  let name = impatient ? '!' : isAlone ? '.' : ''
  for (const column of table.columns) {
    name += formOf(row[column.index])
    if (changes) name += changes[column.index] === undefined ? '=' : '+'
  }
  return rows === undefined ? name : `${name} ${rows}`
}

/** Whether contents have the same name; those that cannot be in a list are alike. */
export function haveOneShape(
  { table }: KeyDefinition,
  one: Content | undefined,
  other: Content | undefined,
): boolean {
  if (!one || !other) return one === other
  const { changes = nothing } = one
  const { changes: otherChanges = nothing } = other
  for (let index = 0; index < table.columns.length; index++) {
    if (formOf(one.row[index]) !== formOf(other.row[index])) return false
    if ((changes[index] === undefined) !== (otherChanges[index] === undefined)) return false
  }
  return true
}

function formOf(value: unknown): '-' | '0' | '1' {
  return value === undefined ? '-' : value === null ? '0' : '1'
}
