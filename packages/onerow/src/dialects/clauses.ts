import type { Slot } from '../dialect.ts'
import type { KeyDefinition, KeyPart } from '../key.ts'
import type { Column, TableDefinition } from '../table.ts'
import { join, raw, sql } from './sql.ts'
import type { Sql } from './sql.ts'

/** The clauses that all engines write alike, but for the marks around a name. */
export interface Clauses {
  readonly quoted: (name: string) => string
  readonly tableText: (table: TableDefinition) => string
  /** Every column, under the name of its property: rows need no mapping in JavaScript. */
  readonly selectList: (table: TableDefinition) => Sql
  readonly columnList: (columns: readonly Column[]) => Sql
  readonly assignments: (columns: readonly Column[]) => Sql
  /** A key part as a unique index and a conflict target write it: an expression in parentheses. */
  readonly indexedPart: (part: KeyPart) => string
  /**
   * The key's condition, as literals always. As a bound parameter it would work five times and then fail or scan, when
   * PostgreSQL switches a prepared statement to a generic plan, which cannot prove that the partial index applies.
   * Undefined when the key has none.
   */
  readonly conditionText: (key: KeyDefinition, literal: (value: unknown) => string) => string | undefined
}

/** @param mark what stands on both sides of a quoted name, doubled inside of it */
export function clausesWith(mark: '"' | '`'): Clauses {
  const quoted = (name: string): string => {
    if (name.includes('\0')) throw new TypeError(`The name ${JSON.stringify(name)} holds a NUL character.`)
    return `${mark}${name.replaceAll(mark, mark + mark)}${mark}`
  }
  return {
    quoted,
    tableText: ({ schema, name }) =>
      schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`,
    selectList: ({ columns }) => {
      const items = columns.map(({ name, property }) =>
        name === property ? quoted(name) : `${quoted(name)} as ${quoted(property)}`,
      )
      return raw(items.join(', '))
    },
    columnList: (columns) => raw(columns.map((column) => quoted(column.name)).join(', ')),
    assignments: (columns) =>
      join(
        columns.map((column) => sql`${raw(quoted(column.name))} = ${updateSlot(column)}`),
        ', ',
      ),
    indexedPart: (part) => (part.of ? `(${part.of(quoted(part.column.name))})` : quoted(part.column.name)),
    conditionText: (key, literal) => {
      const terms = key.condition.map((term) => {
        const column = quoted(term.column.name)
        if (term.kind === 'null') return `${column} is null`
        if (term.kind === 'not-null') return `${column} is not null`
        const values = term.values.map(literal)
        return values.length === 1 ? `${column} = ${values.join()}` : `${column} in (${values.join(', ')})`
      })
      return terms.length > 0 ? terms.join(' and ') : undefined
    },
  }
}

/** Names in double quotes, as the standard has them: PostgreSQL and SQLite. */
export const standard: Clauses = clausesWith('"')

export function slotList(columns: readonly Column[]): Sql {
  return join(
    columns.map((column) => sql`${rowSlot(column)}`),
    ', ',
  )
}

export function rowSlot(column: Column): Slot {
  return { from: 'row', column }
}

export function updateSlot(column: Column): Slot {
  return { from: 'update', column }
}

/** A key part on an operand. */
export function partText(part: KeyPart, operand: string): string {
  return part.of ? part.of(operand) : operand
}

/** A string literal, for an engine where a backslash is a character like any other. */
export function stringLiteral(value: string): string {
  if (value.includes('\0'))
    throw new TypeError("A key's condition holds a string with a NUL character, which SQL cannot write.")
  return `'${value.replaceAll("'", "''")}'`
}
