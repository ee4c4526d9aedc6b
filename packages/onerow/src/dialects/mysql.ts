import { causes } from '../causes.ts'
import type { IsolationLevel, Statement } from '../database.ts'
import type { Capabilities, Dialect, Failure, Shape, Statements } from '../dialect.ts'
import type { KeyDefinition } from '../key.ts'
import { clausesWith, partText, rowSlot, slotList } from './clauses.ts'
import { inspectMysql } from './mysql-catalog.ts'
import { anyChange, indexedTable, literal, lookup, readMark } from './mysql-clauses.ts'
import { indexTerms, keySql } from './mysql-index.ts'
import { findAll, findCurrentAll, insertAll, lockAll, updateAll } from './mysql-lists.ts'
import { join, raw, sql, toTemplate, withSlot } from './sql.ts'
import type { Sql } from './sql.ts'

const { quoted, tableText, selectList, columnList, assignments, conditionText } = clausesWith('`')

const isolationLevels: readonly IsolationLevel[] = ['read committed', 'repeatable read', 'serializable']

function capabilitiesOf(returning: boolean): Capabilities {
  return {
    // There is no conflict target; the catalog is read once, and each statement proves that it still holds.
    provesKeyAtEachCall: false,
    failureAbortsTransaction: false,
    // INSERT … SELECT would hold the table's AUTO-INC lock.
    insertIsConditional: false,
    insertReturns: returning,
    updateReturns: false,
    listsAreArrays: false,
    isolationLevels,
  }
}

/** @param open SQL that tells, by 1 or 0, whether a transaction is open */
function statementsOf(returning: boolean, open: string): Statements {
  const find = (shape: Shape, condition: Sql) => sql`
select ${selectList(shape.key.table)}, ${readMark(shape, open)} as onerow
from (select 1 as onerow_one) as onerow_one left join ${indexedTable(shape)} on ${condition}`
  return {
    find: (shape) => toTemplate(sql`${find(shape, lookup(shape))}\nlimit 2`),

    findForUpdate: (shape) => toTemplate(sql`${find(shape, lookup(shape))}\nfor update`),

    // At REPEATABLE READ a plain read would use the transaction's old snapshot and miss the winner, so this read locks.
    findCurrent: (shape) => toTemplate(sql`${find(shape, lookup(shape))}\nlock in share mode`),

    count: (shape) =>
      toTemplate(sql`
select count(*) as \`count\`
from ${raw(tableText(shape.key.table))}
where ${plainLookup(shape)}`),

    isNullKey: ({ key }) =>
      toTemplate(sql`select not (${keyIsNotNull(key)}) as isNull, concat(${raw(open)}, '-') as onerow`),

    // A plain INSERT … VALUES. INSERT IGNORE would also cut strings short and turn NULL into 0, ON DUPLICATE KEY UPDATE
    // fires on any unique key, and on a cluster both tell losers ids that never come to exist.
    insert: ({ key, insertColumns }) =>
      toTemplate(sql`
insert into ${raw(tableText(key.table))} (${columnList(insertColumns)})
values (${slotList(insertColumns)})${returning ? sql`\nreturning ${selectList(key.table)}` : sql``}`),

    update: (shape) => ({
      ...toTemplate(sql`
update ${indexedTable(shape)}
set ${assignments([...shape.updateColumns, ...shape.touchedColumns])}
where ${lookup(shape)}
  and (${anyChange(shape)})`),
      counts: true,
    }),

    // It locks for the same reason.
    findUnchanged: (shape) => {
      const unchanged = sql`${lookup(shape)}\n  and not (${anyChange(shape)})`
      return toTemplate(sql`${find(shape, unchanged)}\nlock in share mode`)
    },

    findAll: (shape) => toTemplate(findAll(shape, open)),

    ...(returning && {
      insertAll: (shape: Shape) => toTemplate(insertAll(shape)),
      findCurrentAll: (shape: Shape) => toTemplate(findCurrentAll(shape, open)),
      lockAll: (shape: Shape) => toTemplate(lockAll(shape, open)),
      updateAll: (shape: Shape) => ({ ...toTemplate(updateAll(shape)), counts: true }),
    }),
  }
}

/** The lookup without an index to go by: for a key that is not enforced. */
function plainLookup({ key }: Shape): Sql {
  const terms = indexTerms(key, literal).flatMap(({ column, stored, value }) =>
    column === undefined
      ? []
      : [sql`${raw(stored(quoted(column.name)))} = ${withSlot(value, rowSlot(column))}`],
  )
  const condition = conditionText(key, literal)
  return join(condition === undefined ? terms : [...terms, raw(condition)], ' and ')
}

function keyIsNotNull(key: KeyDefinition): Sql {
  const terms = key.parts.map((part) =>
    withSlot((operand) => `${partText(part, operand)} is not null`, rowSlot(part.column)),
  )
  return join(terms, ' and ')
}

const retryable: ReadonlySet<unknown> = new Set([
  1213, // deadlock
  1205, // lock wait timeout
  1020, // a row has changed since the snapshot, under innodb_snapshot_isolation
  3101, // Group Replication refused the transaction at COMMIT; untested, from MySQL's manual
  9007, // a write conflict on TiDB; untested, from TiDB's manual ("Error Codes and Troubleshooting")
])

/** Reads the error number (MariaDB: "Error codes"; MySQL: "Server error message reference") from any driver's error. */
function classify(error: unknown): Failure {
  for (const fields of causes(error)) {
    const number = fields['errno']
    if (number === 1062) {
      const [, constraint = ''] = /for key '(.*)'/.exec(String(fields['message'])) ?? []
      return { kind: 'unique-violation', constraint }
    }
    if (retryable.has(number)) return { kind: 'retry' }
    // FORCE INDEX names an index that is gone.
    if (number === 1176) return { kind: 'key-not-enforced' }
    if (isRefusal(number)) return { kind: 'other', isRefused: true }
  }
  return { kind: 'other' }
}

/**
 * The server's own errors, but for an error at COMMIT (1180), a shutdown (1053) and a connection that was ended (1927). Those of
 * clients are 2000 to 2999, and the mariadb driver's above 45,000.
 */
function isRefusal(number: unknown): boolean {
  if (typeof number !== 'number' || [1053, 1180, 1927].includes(number)) return false
  return (number >= 1000 && number < 2000) || (number >= 3000 && number < 5000)
}

function begin(isolation: IsolationLevel | undefined): readonly Statement[] {
  const start = { text: 'start transaction', values: [] }
  if (isolation === undefined) return [start]
  if (!isolationLevels.includes(isolation))
    throw new TypeError(`Unknown isolation level "${isolation}": use one of ${isolationLevels.join(', ')}.`)
  return [{ text: `set transaction isolation level ${isolation}`, values: [] }, start]
}

interface Server {
  readonly name: string
  readonly returning: boolean
  /** SQL that tells, by 1 or 0, whether a transaction is open. */
  readonly open: string
  readonly isGalera: string
}

function dialect({ name, returning, open, isGalera }: Server): Dialect {
  return {
    name,
    capabilities: capabilitiesOf(returning),
    statements: statementsOf(returning, open),
    keySql: (key) => keySql(key, literal),
    classify,
    inspect: (db, key, options) => inspectMysql(db, key, { ...options, literal, isGalera }),
    begin,
  }
}

/** MariaDB, 10.6 and later. */
export const mariadb: Dialect = dialect({
  name: 'mariadb',
  returning: true,
  open: '@@in_transaction',
  // Not `@@wsrep_on`, which a server that was built without Galera does not know.
  isGalera:
    "exists (select 1 from information_schema.session_variables where variable_name = 'wsrep_on' and variable_value = 'ON')",
})

/** MySQL, 8.0.23 and later (invisible columns). Untested on MySQL itself; its statements are tested on MariaDB. */
export const mysql: Dialect = dialect({ name: 'mysql', returning: false, open: "'1'", isGalera: '0' })
