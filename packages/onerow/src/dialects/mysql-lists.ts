import type { Shape, Slot } from '../dialect.ts'
import type { Column } from '../table.ts'
import { clausesWith } from './clauses.ts'
import { indexedTable, lookup, readMark } from './mysql-clauses.ts'
import { join, raw, sql } from './sql.ts'
import type { Sql } from './sql.ts'

const { quoted, tableText, selectList, columnList } = clausesWith('`')

/**
 * A lookup for each row of the list, each as it would be alone: what else could hold the values (VALUES, a derived table,
 * JSON_TABLE) gives them types and collations of its own, and then finds nothing, or nothing by the index (MDEV-35747). The
 * lookups give only the key, by which the rows are then read, since a UNION hands some types (SET) over as others.
 *
 * @param open SQL that tells, by 1 or 0, whether a transaction is open
 */
export function findAll(shape: Shape, open: string): Sql {
  const columns = (shape.arbiter.columns ?? []).map(quoted)
  const names = columns.map((column, index) => `${column} as onerow_${index + 1}`).join(', ')
  const first = sql`
  (select ${raw(names)}, ${readMark(shape, open)} as onerow
  from (select 1 as onerow_one) as onerow_one left join ${indexedTable(shape)} on ${lookup(shape, at(0))}
  limit 2)`
  const others = Array.from(
    { length: (shape.rows ?? 1) - 1 },
    (_, index) => sql`
  (select ${raw(columns.join(', '))}, 'found ${raw(String(index + 2))}' from ${indexedTable(shape)} where ${lookup(shape, at(index + 1))} limit 2)`,
  )
  const same = columns.map((column, index) => `onerow_stored.${column} = onerow_${index + 1}`).join(' and ')
  return sql`
select ${selectList(shape.key.table)}, onerow
from (${join([first, ...others], '\n  union all')}
) as onerow_found
left join ${raw(tableText(shape.key.table))} as onerow_stored force index (${raw(quoted(shape.arbiter.index ?? ''))}) on ${raw(same)}`
}

/**
 * Answers the new rows in the order of the list. For a list of several callers it does not wait for a rival's lock (1205): that
 * rival may be waiting for one of them.
 */
export function insertAll(shape: Shape): Sql {
  const { key, insertColumns, rows = 1, impatient = false } = shape
  const values = Array.from({ length: rows }, (_, place) => {
    const slots = insertColumns.map((column) => sql`${at(place)(column)}`)
    return sql`(${join(slots, ', ')})`
  })
  return sql`
${raw(impatient ? 'set statement innodb_lock_wait_timeout = 0 for\n' : '')}insert into ${raw(tableText(key.table))} (${columnList(insertColumns)})
values ${join(values, ', ')}
returning ${selectList(key.table)}`
}

/** The slot of a column in the row at a place of the list. */
function at(place: number): (column: Column) => Slot {
  return (column) => ({ from: 'row', column, place })
}
