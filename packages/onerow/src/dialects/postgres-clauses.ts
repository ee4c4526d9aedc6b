import type { Shape } from '../dialect.ts'
import type { KeyDefinition, KeyPart } from '../key.ts'
import type { Column } from '../table.ts'
import { partText, rowSlot, standard, stringLiteral, updateSlot } from './clauses.ts'
import { join, raw, sql, withSlot } from './sql.ts'
import type { Sql } from './sql.ts'

const { conditionText, indexedPart, quoted } = standard

/** Whether the key may be NULL though none of its columns is. */
export function hasExpression(key: KeyDefinition): boolean {
  return key.nulls === 'distinct' && key.parts.some((part) => part.of)
}

/**
 * The row with the key. The condition stands here too, so that the planner may take the partial index.
 *
 * @param given the looked-up value of a part: a bound one unless told
 */
export function lookup(
  { key, nullColumns }: Pick<Shape, 'key' | 'nullColumns'>,
  given: (part: KeyPart) => Sql = operandOf,
): Sql {
  const parts = key.parts.map((part) => {
    const stored = raw(partText(part, quoted(part.column.name)))
    return nullColumns.includes(part.column) ? sql`${stored} is null` : sql`${stored} = ${given(part)}`
  })
  const condition = conditionText(key, literal)
  return join(condition === undefined ? parts : [...parts, raw(condition)], ' and ')
}

/** The key part on the looked-up value. In an expression the value has the column's type, as it is inserted with it too. */
export function operandOf(part: KeyPart): Sql {
  const slot = rowSlot(part.column)
  const { of } = part
  if (!of) return sql`${slot}`
  return withSlot((operand) => of(typed(part.column, operand)), slot)
}

/** A placeholder with the type of a column, for want of a way to name that type. The planner folds the CASE away. */
export function typed(column: Column, placeholder: string): string {
  return `case when false then ${quoted(column.name)} else ${placeholder} end`
}

/**
 * Whether the update would store another value. Compared as jsonb, because IS DISTINCT FROM finds 'Bob' and 'bob' equal
 * in citext and does not exist for json.
 *
 * @param given the new value of a column, in the column's type: a bound one unless told
 */
export function anyChange(
  columns: Shape['updateColumns'],
  given: (column: Column) => Sql = (column) =>
    withSlot((operand) => typed(column, operand), updateSlot(column)),
): Sql {
  const changes = columns.map(
    (column) => sql`to_jsonb(${raw(quoted(column.name))}) is distinct from to_jsonb(${given(column)})`,
  )
  return sql`(
    ${join(changes, '\n    or ')}
  )`
}

export function conflictTarget(key: KeyDefinition): Sql {
  const condition = conditionText(key, literal)
  const parts = key.parts.map(indexedPart).join(', ')
  return raw(condition === undefined ? `(${parts})` : `(${parts}) where ${condition}`)
}

/** A literal that means the same whatever standard_conforming_strings says. Untyped, so that it takes the column's type. */
export function literal(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return value.includes('\\') ? ` E${stringLiteral(value.replaceAll('\\', '\\\\'))}` : stringLiteral(value)
}
