import type { Shape, Slot } from '../dialect.ts'
import type { Column } from '../table.ts'
import { clausesWith } from './clauses.ts'
import { anyChange, indexedTable, indexLookup, lookup, readMark } from './mysql-clauses.ts'
import { join, raw, sql } from './sql.ts'
import type { Sql } from './sql.ts'

const { quoted, tableText, selectList, columnList } = clausesWith('`')

/** @param open SQL that tells, by 1 or 0, whether a transaction is open; here and below */
export function findAll(shape: Shape, open: string): Sql {
  return lookups(shape, { open })
}

/** As others have committed the rows, where `findAll` may show them as they were in the transaction's snapshot. */
export function findCurrentAll(shape: Shape, open: string): Sql {
  return lookups(shape, { open, lock: '\n  for update' })
}

/** Locks the rows in the order of the list. */
export function lockAll(shape: Shape, open: string): Sql {
  const isChanged = (place: number) => anyChange(shape, (column) => ({ from: 'update', column, place }))
  return lookups(shape, { open, isChanged, lock: '\n  for update' })
}

interface Lookups {
  readonly open: string
  /** Whether the row at a place of the list is 'locked', to be changed, or 'unchanged'. */
  readonly isChanged?: (place: number) => Sql
  readonly lock?: string
}

/**
 * A lookup for each row of the list, each as it would be alone: what else could hold the values (VALUES, a derived table,
 * JSON_TABLE) gives them types and collations of its own, and then finds nothing, or nothing by the index (MDEV-35747). The
 * lookups give only the key, by which the rows are then read, since a UNION hands some types (SET) over as others. A lock is asked
 * for by each SELECT, as it goes for that one alone, and the others would read the snapshot.
 */
function lookups(shape: Shape, { open, isChanged, lock = '' }: Lookups): Sql {
  const { key, arbiter, rows = 1 } = shape
  const columns = (arbiter.columns ?? []).map(quoted)
  const names = columns.map((column, index) => `${column} as onerow_${index + 1}`).join(', ')
  const first = sql`
  (select ${raw(names)}, ${isChanged ? told(isChanged(0), readMark(shape, open)) : readMark(shape, open)} as onerow
  from (select 1 as onerow_one) as onerow_one left join ${indexedTable(shape)} on ${lookup(shape, at(0))}
  limit 2${raw(lock)})`
  const others = Array.from({ length: rows - 1 }, (_, index) => {
    const number = index + 2
    const tells = isChanged ? told(isChanged(index + 1), raw(`'${number}'`)) : raw(`'found ${number}'`)
    return sql`
  (select ${raw(columns.join(', '))}, ${tells} from ${indexedTable(shape)} where ${lookup(shape, at(index + 1))} limit 2${raw(lock)})`
  })
  const same = columns.map((column, index) => `onerow_stored.${column} = onerow_${index + 1}`).join(' and ')
  return sql`
select ${selectList(key.table)}, onerow
from (${join([first, ...others], '\n  union all')}
) as onerow_found
left join ${raw(tableText(key.table))} as onerow_stored force index (${raw(quoted(arbiter.index ?? ''))}) on ${raw(same)}${raw(lock)}`
}

function told(isChanged: Sql, what: Sql): Sql {
  return sql`concat(if(${isChanged}, 'locked ', 'unchanged '), ${what})`
}

/**
 * Changes all of the rows, which must be there, and no two of them the same. The table is joined to itself, once for each row, so
 * that each value goes to its column as it would alone: whatever holds several of them (a derived table, CASE) gives them one
 * type. The server reads each row by its index before it joins anything ("const"), and joins 61 tables at most.
 */
export function updateAll(shape: Shape): Sql {
  const { key, arbiter, updateColumns, touchedColumns, rows = 1 } = shape
  const places = Array.from({ length: rows }, (_, place) => place)
  const row = (place: number) => `onerow_${place + 1}`
  const tables = places.map(
    (place) => `${tableText(key.table)} as ${row(place)} force index (${quoted(arbiter.index ?? '')})`,
  )
  const assignments = places.flatMap((place) =>
    [...updateColumns, ...touchedColumns].map((column) => {
      const slot: Slot = { from: 'update', column, place }
      return sql`${raw(row(place))}.${raw(quoted(column.name))} = ${slot}`
    }),
  )
  const lookedUp = places.map((place) => indexLookup(shape, at(place), `${row(place)}.`))
  return sql`
update ${raw(tables.join('\n  straight_join '))}
set ${join(assignments, ', ')}
where ${join(lookedUp, '\n  and ')}`
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
