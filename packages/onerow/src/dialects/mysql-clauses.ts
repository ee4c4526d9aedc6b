import type { Shape, Slot } from '../dialect.ts'
import type { Column } from '../table.ts'
import { clausesWith, rowSlot, stringLiteral, updateSlot } from './clauses.ts'
import { indexTerms } from './mysql-index.ts'
import { join, raw, sql, withSlot } from './sql.ts'
import type { Sql } from './sql.ts'

const { quoted, tableText, conditionText } = clausesWith('`')

/**
 * What a read tells of itself: whether a transaction is open, whether there is a row, and the columns of the index that is to be
 * the key's: proof that it is still there and still unique. A read that joins the table to one row tells it when there is no
 * row, too, as the insert that follows cannot. (The subquery stands among the columns, since joined it takes twice the time.)
 *
 * @param open SQL that tells, by 1 or 0, whether a transaction is open
 */
export function readMark({ key, arbiter }: Shape, open: string): Sql {
  const { schema, name } = key.table
  const present = quoted(arbiter.columns?.[0] ?? '')
  return sql`concat(${raw(open)}, if(${raw(present)} is null, '-', '+'), ifnull((
  select group_concat(column_name order by seq_in_index)
  from information_schema.statistics
  where table_schema = ${raw(schema === undefined ? 'database()' : literal(schema))} and table_name = ${raw(literal(name))}
    and index_name = ${raw(literal(arbiter.index ?? ''))} and non_unique = 0
), ''))`
}

export function indexedTable({ key, arbiter }: Shape): Sql {
  return raw(`${tableText(key.table)} force index (${quoted(arbiter.index ?? '')})`)
}

/** The row with the key, by the columns of its index, which are the key's own and those that are generated for it. */
export function lookup(shape: Shape, slotOf: (column: Column) => Slot = rowSlot): Sql {
  const { key, arbiter } = shape
  const isInIndex = (arbiter.columns ?? []).length >= indexTerms(key, literal).length
  const condition = isInIndex ? undefined : conditionText(key, literal)
  const terms = indexLookup(shape, slotOf)
  return condition === undefined ? terms : sql`${terms} and ${raw(condition)}`
}

/**
 * The row by the columns of the index alone.
 *
 * @param table what stands before the name of each column
 */
export function indexLookup({ key, arbiter }: Shape, slotOf: (column: Column) => Slot, table = ''): Sql {
  const terms = indexTerms(key, literal)
  const lookups = (arbiter.columns ?? []).flatMap((name, index) => {
    const { column, value } = terms[index] ?? {}
    if (!value) return []
    const stored = raw(`${table}${quoted(name)}`)
    return [sql`${stored} = ${column ? withSlot(value, slotOf(column)) : raw(value(''))}`]
  })
  return join(lookups, ' and ')
}

/**
 * Whether the update would store another value. A string is compared as bytes too, since by default 'Bob', 'bob' and 'Bob '
 * are equal here; everything else by value, since 5 and 5.00 are.
 */
export function anyChange({ updateColumns }: Shape, slotOf: (column: Column) => Slot = updateSlot): Sql {
  const changes = updateColumns.map((column) => {
    const [stored, value] = [raw(quoted(column.name)), slotOf(column)]
    return sql`not (${stored} <=> ${value}) or (collation(${stored}) <> 'binary'
    and not (binary convert(${stored} using utf8mb4) <=> binary convert(${value} using utf8mb4)))`
  })
  return join(changes, '\n    or ')
}

/**
 * A literal that means the same whatever the session: with and without NO_BACKSLASH_ESCAPES, in any character set (the
 * catalog keeps the text of a generated column in utf8mb3). What a plain literal cannot say so is written as bytes.
 */
export function literal(value: unknown): string {
  if (typeof value === 'boolean') return String(Number(value))
  if (typeof value !== 'string') return String(value)
  if (/^[ -[\]-~]*$/.test(value)) return stringLiteral(value)
  const bytes = [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `convert(x'${bytes.join('')}' using utf8mb4)`
}
