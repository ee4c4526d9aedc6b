import type { IsolationLevel } from '../database.ts'
import type { Capabilities, Dialect, Failure, Shape, Statements, Template } from '../dialect.ts'
import { causes } from '../causes.ts'
import type { KeyDefinition } from '../key.ts'
import { slotList, standard } from './clauses.ts'
import { inspectPostgres } from './postgres-catalog.ts'
import { anyChange, conflictTarget, hasExpression, literal, lookup, operandOf } from './postgres-clauses.ts'
import { findAll, findOrInsertAll, insertFreeAll, lockAll, updateAll } from './postgres-lists.ts'
import { join, raw, sql, toTemplate } from './sql.ts'
import type { Sql } from './sql.ts'

const { assignments, columnList, conditionText, indexedPart, quoted, selectList, tableText } = standard

const isolationLevels: readonly IsolationLevel[] = ['read committed', 'repeatable read', 'serializable']

const capabilities: Capabilities = {
  provesKeyAtEachCall: true,
  failureAbortsTransaction: true,
  insertIsConditional: true,
  insertReturns: true,
  updateReturns: true,
  listsAreArrays: true,
  isolationLevels,
}

function template(text: Sql): Template {
  return toTemplate(text, (number) => `$${number}`)
}

const statements: Statements = {
  // Behind an index that is there, only one row has the key.
  find: (shape) => {
    const ending = shape.arbiter.identity ? sql`` : sql`limit 2`
    return template(sql`${proof(shape)}${select(shape, ending, indexIsThere(shape))}`)
  },

  // FOR NO KEY UPDATE is the lock that an UPDATE of other columns takes; FOR UPDATE would also stop foreign-key checks.
  findForUpdate: (shape) =>
    template(sql`${proof(shape)}${select(shape, sql`for no key update`, indexIsThere(shape))}`),

  count: (shape) =>
    template(sql`
select count(*) as "count"
from ${raw(tableText(shape.key.table))}
where ${lookup(shape)}`),

  isNullKey: ({ key }) => template(sql`select not ${keyIsNotNull(key)} as "isNull"`),

  insert: (shape) => template(insertUnlessThere(shape)),

  update: (shape) => template(update(shape)),

  findUnchanged: (shape) => template(selectUnchanged(shape)),

  // One snapshot serves the whole statement, so a rival that commits meanwhile is neither found nor inserted over: then
  // this answers nothing, and only a new statement sees the rival's row.
  findOrInsert: (shape) =>
    template(sql`
with onerow_found as (${select(shape, sql`limit 2`)}
), onerow_inserted as (${insert(shape, ['onerow_found'])}
)
select *, 'found' as onerow from onerow_found
union all
select *, 'created' from onerow_inserted`),

  // The row that is "unchanged" was so in the statement's snapshot. A row that a rival changed or deleted while the
  // update waited for its lock is in none of the three, so the statement answers nothing and is run again.
  updateOrInsert: (shape) =>
    template(sql`
with onerow_updated as (${update(shape)}
), onerow_unchanged as (${selectUnchanged(shape)}
), onerow_inserted as (${insert(shape, ['onerow_updated', 'onerow_unchanged'])}
)
select *, 'updated' as onerow from onerow_updated
union all
select *, 'unchanged' from onerow_unchanged
union all
select *, 'created' from onerow_inserted`),

  findAll: (shape) =>
    template(
      shape.arbiter.identity
        ? sql`\nwith ${findAll(shape)}\nwhere ${join(indexIsThere(shape), ' and ')}`
        : sql`${proof(shape)}, ${findAll(shape)}`,
    ),

  findOrInsertAll: (shape) => template(findOrInsertAll(shape)),

  insertFreeAll: (shape) => template(insertFreeAll(shape)),

  lockAll: (shape) => template(lockAll(shape)),

  updateAll: (shape) => template(updateAll(shape)),
}

/** Inserts the row unless one of the queries named has found one. */
function insert(shape: Shape, unlessFound: readonly string[]): Sql {
  const isFree = unlessFound.map((query) => sql`not exists (select from ${raw(query)})`)
  return insertWhere(shape, sql`\nwhere ${join(isFree, ' and ')}`)
}

/**
 * Inserts the row unless there is one: then no value of a sequence is lost, either. The lookup stands in FROM, as PostgreSQL is to
 * meet its parameters there first and take their types from the comparison: as in the statements that also find.
 */
function insertUnlessThere(shape: Shape): Sql {
  const there = sql`select from ${raw(tableText(shape.key.table))} where ${lookup(shape)}`
  return insertWhere(
    shape,
    sql`
from (select not exists (${there}) as onerow_free) as onerow_lookup
where onerow_free`,
  )
}

/** Nor is a row inserted whose key is NULL, and so not unique. */
function insertWhere({ key, insertColumns }: Shape, where: Sql): Sql {
  return sql`
insert into ${raw(tableText(key.table))} (${columnList(insertColumns)})
select ${slotList(insertColumns)}${where}${hasExpression(key) ? sql` and ${keyIsNotNull(key)}` : sql``}
on conflict ${conflictTarget(key)} do nothing
returning ${selectList(key.table)}`
}

/** The join finds nothing; it is there for the types of the columns. */
function keyIsNotNull(key: KeyDefinition): Sql {
  const terms = key.parts.flatMap((part) => (part.of ? [sql`${operandOf(part)} is not null`] : []))
  return sql`(select ${join(terms, ' and ')} from (select 1) as onerow_one left join ${raw(tableText(key.table))} on false)`
}

/**
 * Inserts nothing. It is there for its conflict target: without an index to match, the statement cannot be planned. Not needed where
 * the index is known by its name and number.
 */
function proof({ key, arbiter }: Shape): Sql {
  if (arbiter.identity) return sql``
  const columns = columnList(key.parts.map((part) => part.column))
  const table = raw(tableText(key.table))
  return sql`
with onerow_proof as (
insert into ${table} (${columns})
select ${columns} from ${table} where false
on conflict ${conflictTarget(key)} do nothing
)`
}

/**
 * Whether the index is there that proves the key, at a fraction of what an insert costs that does nothing.
 *
 * A statement alone names it. The server looks for the name while it plans, and plans again after the index was dropped, renamed or
 * replaced (manual, 8.19: the type regclass; src/backend/utils/cache/plancache.c), so that it costs a prepared statement nothing.
 * But without an index of that name it fails, and would abort a transaction; there the server's cache of the catalog is asked.
 */
function indexIsThere({ key, arbiter, isAlone }: Shape): readonly Sql[] {
  if (!arbiter.identity) return []
  const { schema, name, oid, tableOid } = arbiter.identity
  return [
    isAlone === true
      ? isNumber(`${quoted(schema)}.${quoted(name)}`, oid)
      : raw(`pg_index_has_property(${literal(oid)}, 'index_scan')`),
    isNumber(tableText(key.table), tableOid),
    // A standby has the index, too, and rows that may be gone. Where nothing is found an insert follows, which it refuses (25006).
    raw('not pg_is_in_recovery()'),
  ]
}

/** Folded away, too: whoever exchanges two tables by renaming them takes the index along. */
function isNumber(name: string, oid: string): Sql {
  return raw(`${literal(name)}::regclass = ${literal(oid)}`)
}

function select(shape: Shape, ending: Sql, conditions: readonly Sql[] = []): Sql {
  return sql`
select ${selectList(shape.key.table)}
from ${raw(tableText(shape.key.table))}
where ${join([lookup(shape), ...conditions], ' and ')}
${ending}`
}

function update(shape: Shape): Sql {
  const { key, updateColumns, touchedColumns } = shape
  return sql`
update ${raw(tableText(key.table))}
set ${assignments([...updateColumns, ...touchedColumns])}
where ${lookup(shape)}
  and ${anyChange(updateColumns)}
returning ${selectList(key.table)}`
}

function selectUnchanged(shape: Shape): Sql {
  return sql`
select ${selectList(shape.key.table)}
from ${raw(tableText(shape.key.table))}
where ${lookup(shape)}
  and not ${anyChange(shape.updateColumns)}`
}

function keySql(key: KeyDefinition): string {
  const condition = conditionText(key, literal)
  return (
    `create unique index ${quoted(key.name)} on ${tableText(key.table)} (${key.parts.map(indexedPart).join(', ')})` +
    (key.nulls === 'equal' ? ' nulls not distinct' : '') +
    (condition === undefined ? '' : `\nwhere ${condition}`) +
    ';'
  )
}

/** Reads the SQLSTATE (manual, appendix A) from the error of any driver, also when a data tool has wrapped it. */
function classify(error: unknown): Failure {
  for (const fields of causes(error)) {
    switch (fields['code']) {
      case '23505':
        return {
          kind: 'unique-violation',
          constraint: String(fields['constraint'] ?? fields['constraint_name']),
        }
      // The table or the index; their schema, as PostgreSQL before 16 says it; or what one may do there no more.
      case '42P01':
      case '3F000':
      case '42501':
        return { kind: 'unknown-name' }
      case '42P10':
        return { kind: 'key-not-enforced' }
      case '55000':
        if (fields['routine'] === 'ExecCheckIndexConstraints') return { kind: 'key-not-enforced' }
        return { kind: 'other', isRefused: true }
      // A prepared statement whose columns have changed their types since.
      case '0A000':
        return fields['routine'] === 'RevalidateCachedQuery'
          ? { kind: 'retry' }
          : { kind: 'other', isRefused: true }
      case '40001':
      case '40P01':
        return { kind: 'retry' }
    }
    // Said by the driver, of a value that it cannot encode: nothing was sent.
    if (fields['code'] === 'ERR_INVALID_ARG_TYPE' || isRefusal(fields['code']))
      return { kind: 'other', isRefused: true }
  }
  return { kind: 'other' }
}

/** An SQLSTATE, which no EPIPE is; but of a connection (class 08) or of a server that goes down, with a COMMIT perhaps behind it. */
function isRefusal(code: unknown): boolean {
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) && !/^(08|57P0)/.test(code)
}

/** `isolation level …`, as BEGIN and SET TRANSACTION take it; empty for the server's default. */
export function isolationClause(isolation: IsolationLevel | undefined): string {
  if (isolation === undefined) return ''
  if (!isolationLevels.includes(isolation))
    throw new TypeError(`Unknown isolation level "${isolation}": use one of ${isolationLevels.join(', ')}.`)
  return `isolation level ${isolation}`
}

/** PostgreSQL, 13 and later. Keys with `nulls: 'equal'` need 15. */
export const postgres: Dialect = {
  name: 'postgres',
  capabilities,
  statements,
  keySql,
  classify,
  inspect: (db, key, options) =>
    inspectPostgres(db, key, {
      ...options,
      isUnenforced: (error) => classify(error).kind === 'key-not-enforced',
      conflictTarget: template(conflictTarget(key)).text,
      condition: conditionText(key, literal),
      ddl: keySql(key),
      ddlNamed: (name) => keySql({ ...key, name }),
    }),
  begin: (isolation) => [{ text: `begin ${isolationClause(isolation)}`.trim(), values: [] }],
}
