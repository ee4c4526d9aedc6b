import type { Shape, Slot } from '../dialect.ts'
import type { KeyPart } from '../key.ts'
import type { Column } from '../table.ts'
import { partText, rowSlot, standard, updateSlot } from './clauses.ts'
import { anyChange, conflictTarget, hasExpression, lookup } from './postgres-clauses.ts'
import { join, raw, sql, withSlot } from './sql.ts'
import type { Sql } from './sql.ts'

const { columnList, quoted, selectList, tableText } = standard

// A list comes as one array for each column, and the database itself tells which rows have which keys. New rows are
// inserted in the order of the key, so that two lists with the same keys never wait for each other in a ring.

/**
 * The rows of a list, of which the planner is to expect one, by a limit that it cannot know: it takes that for a tenth of what it expects
 * of an array, ten. For more than one it would rather read all of a table that is small, and it keeps that plan while the
 * table grows, until that is analyzed. (A limit of NULL is none: PostgreSQL manual, SELECT, LIMIT clause.)
 */
function fewOf(rows: 'onerow_input' | 'onerow_first'): Sql {
  return raw(`(select * from ${rows} limit (select null::bigint)) as ${rows}`)
}

/** To follow another CTE. */
export function findAll(shape: Shape): Sql {
  const list = listOf({ ...shape, insertColumns: shape.key.parts.map(({ column }) => column) })
  return sql`onerow_input as (${list.input}
)
select ${selectList(shape.key.table)}, onerow_number::integer as onerow
from ${fewOf('onerow_input')} join ${list.table} on ${list.same}`
}

/** One statement's snapshot serves all of the list, as in `findOrInsert`: what a rival commits meanwhile is in no answer. */
export function findOrInsertAll(shape: Shape): Sql {
  const { table } = shape.key
  const list = listOf(shape)
  return sql`
with onerow_input as (${list.input}
), onerow_found as (
select ${selectList(table)}, onerow_number
from ${fewOf('onerow_input')} join ${list.table} on ${list.same}
), ${insertNew(shape, list, sql`onerow_number not in (select onerow_number from onerow_found)`)}
select ${properties(shape)}, 'found ' || onerow_number as onerow
from onerow_found
union all
select ${selectList(table)},
  case when onerow_number in (select onerow_number from onerow_new) then 'created ' else 'found ' end || onerow_number
from onerow_input join onerow_inserted on ${list.same}`
}

export function insertFreeAll(shape: Shape): Sql {
  const list = listOf(shape)
  const found = sql`select onerow_number from ${fewOf('onerow_input')} join ${list.table} on ${list.same}`
  return sql`
with onerow_input as (${list.input}
), ${insertNew(shape, list, sql`onerow_number not in (${found})`)}
select ${selectList(shape.key.table)}, onerow_number::integer as onerow
from onerow_new join onerow_inserted on ${list.same}`
}

/** Of the rows that are new, the first of each key. */
function insertNew({ key, insertColumns, impatient }: Shape, list: List, isNew: Sql): Sql {
  const conditions = [isNew, ...list.keyIsNotNull, ...(impatient === true ? [impatience] : [])]
  return sql`onerow_new as (
select distinct on (${list.keyParts}) *
from onerow_input
where ${join(conditions, '\n  and ')}
order by ${list.keyParts}, onerow_number
), onerow_inserted as (
insert into ${list.table} (${columnList(insertColumns)})
select ${list.newRow}
from onerow_new
order by ${list.keyParts}
on conflict ${conflictTarget(key)} do nothing
returning ${columnList(key.table.columns)}
)`
}

/**
 * The lock of an UPDATE, on the rows that one would change, in the order of the key, which an UPDATE itself does not keep. Of
 * several rows of the list with one key, it takes the first, and so does the update.
 */
export function lockAll(shape: Shape): Sql {
  const { key, updateColumns } = shape
  const list = listOf({ ...shape, insertColumns: key.parts.map(({ column }) => column), touchedColumns: [] })
  const columns = selectList(key.table)
  const changed = anyChange(updateColumns, list.change)
  return sql`
with onerow_input as (${list.input}
), onerow_first as (${list.first}
), onerow_locked as (
select ${columns}, onerow_number
from ${fewOf('onerow_first')} join ${list.table} as onerow_stored on ${list.same}
where ${changed}
order by ${list.keyParts}
for no key update of onerow_stored
)
select ${properties(shape)}, 'locked ' || onerow_number as onerow
from onerow_locked
union all
select ${columns}, 'unchanged ' || onerow_number
from ${fewOf('onerow_first')} join ${list.table} on ${list.same}
where not ${changed}`
}

/** One statement's snapshot serves all of the list, as in `updateOrInsert`. */
export function updateAll(shape: Shape): Sql {
  const { key, updateColumns, touchedColumns } = shape
  const list = listOf({ ...shape, insertColumns: key.parts.map(({ column }) => column) })
  const columns = selectList(key.table)
  const changed = anyChange(updateColumns, list.change)
  const assignments = [...updateColumns, ...touchedColumns].map(
    (column) => sql`${raw(quoted(column.name))} = ${list.change(column)}`,
  )
  return sql`
with onerow_input as (${list.input}
), onerow_first as (${list.first}
), onerow_updated as (
update ${list.table}
set ${join(assignments, ', ')}
from ${fewOf('onerow_first')}
where ${list.same}
  and ${changed}
returning ${columns}, onerow_number
)
select ${properties(shape)}, 'updated ' || onerow_number as onerow
from onerow_updated
union all
select ${columns}, 'unchanged ' || onerow_number
from ${fewOf('onerow_first')} join ${list.table} on ${list.same}
where not ${changed}`
}

/**
 * A statement that serves many callers must not wait for a rival's transaction as one that serves its own caller may: that
 * rival may be waiting for one of them. It ends in 55P03 instead, and each call goes alone. Local to the statement, which
 * commits by itself.
 */
const impatience = raw("(select set_config('lock_timeout', '50ms', true)) is not null")

/** The properties of a row that has them as its columns already. */
function properties({ key }: Shape): Sql {
  return raw(key.table.columns.map(({ property }) => quoted(property)).join(', '))
}

/** The pieces of a statement that a list's rows make. */
interface List {
  readonly table: Sql
  /** The query for the rows, which have numbers from 1 in their order. */
  readonly input: Sql
  /** The query for the first row of each key. */
  readonly first: Sql
  /** The values of a new row. */
  readonly newRow: Sql
  /** The new value of a column of an existing row. */
  readonly change: (column: Column) => Sql
  readonly keyParts: Sql
  /** Whether a row of the list and one of the table have the same key. */
  readonly same: Sql
  /** None where the key has no expressions. */
  readonly keyIsNotNull: readonly Sql[]
}

function listOf(shape: Shape): List {
  const { key, insertColumns, updateColumns, touchedColumns } = shape
  const slots = [
    ...insertColumns.map((column) => rowSlot(column)),
    ...[...updateColumns, ...touchedColumns].map((column) => updateSlot(column)),
  ]
  // By number, so that none has the name of a column of the table.
  const given = (from: Slot['from'], column: Column) =>
    `onerow_${slots.findIndex((slot) => slot.from === from && slot.column === column) + 1}`
  const keyPart = (part: KeyPart) => partText(part, given('row', part.column))
  const names = slots.map(({ from, column }) => given(from, column)).join(', ')
  const keyParts = raw(key.parts.map(keyPart).join(', '))
  return {
    table: raw(tableText(key.table)),
    input: sql`
select *
from unnest(
  ${join(
    slots.map((slot) => arrayOf(shape, slot)),
    ',\n  ',
  )}
) with ordinality as onerow_row (${raw(names)}, onerow_number)`,
    first: sql`
select distinct on (${keyParts}) *
from onerow_input
order by ${keyParts}, onerow_number`,
    newRow: raw(insertColumns.map((column) => given('row', column)).join(', ')),
    change: (column) => raw(given('update', column)),
    keyParts,
    same: lookup(shape, (part) => raw(keyPart(part))),
    keyIsNotNull: hasExpression(key) ? key.parts.map((part) => raw(`${keyPart(part)} is not null`)) : [],
  }
}

/**
 * The values of a column, as an array of its type, for want of a way to name that type: the planner folds the CASE away. In a
 * subquery the planner does not look into the array, and so plans once for lists of any length.
 */
function arrayOf({ key }: Shape, slot: Slot): Sql {
  const none = `array(select ${quoted(slot.column.name)} from ${tableText(key.table)})`
  return withSlot((operand) => `(select case when false then ${none} else ${operand} end)`, slot)
}
