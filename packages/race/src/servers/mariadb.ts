import type { Isolation, Relations, Wait } from '../sessions.ts'
import { readStatement } from '../statement.ts'
import type { Server } from './postgres.ts'
import { purgeOf } from './purge.ts'
import { relationsOf } from './relations.ts'

type Row = Readonly<Record<string, unknown>>
type Query = (text: string) => Promise<readonly Row[]>

/**
 * Watches the locks of a MariaDB server, or of a MySQL server (which follows MySQL's manual, and has not been run on one). Its
 * account needs the privilege PROCESS.
 *
 * @param driver what reports call the driver
 * @param query runs a statement on a connection of its own
 */
export async function watchMariadb(driver: string, query: Query): Promise<Server> {
  const [version] = await query('select version() as version')
  const [level] = await query(
    `show global variables where variable_name in ('transaction_isolation', 'tx_isolation')`,
  )
  const name = String(version?.['version'])
  const isMariadb = /mariadb/i.test(name)
  return {
    name: `${driver}, ${isMariadb ? 'MariaDB' : 'MySQL'} ${/^[\d.]+/.exec(name)?.[0] ?? name}`,
    // REPEATABLE-READ; the server has no other levels.
    isolation: String(level?.['Value']).toLowerCase().replaceAll('-', ' ') as Isolation,
    // InnoDB reads as if LOCK IN SHARE MODE was said.
    serializableBy: 'locks',
    relations: await readRelations(query),
    waits: watchWaits(query, isMariadb ? blockersOnMariadb : blockersOnMysql),
    kill: async (session) => {
      await query(`kill query ${session}`)
    },
    settled: purgeOf(query),
  }
}

/** For how long a question for the blockers is not repeated, in milliseconds. */
const pause = 150

function watchWaits(query: Query, blockers: string): Server['waits'] {
  let asked = -Infinity
  let known: ReadonlyMap<number, readonly number[]> = new Map()
  return async (sessions): Promise<readonly Wait[]> => {
    const waiting = await waitingSessions(query, sessions)
    // INNODB_TRX is a copy that is renewed when nobody has read it for 100 ms; asked more often, it would always be the same one.
    if (waiting.length > 0 && performance.now() - asked > pause) {
      known = blockersOf(await query(blockers))
      asked = performance.now()
    } else {
      known = new Map([...known].filter(([session]) => waiting.includes(session)))
    }
    return waiting.map((session) => ({ session, waitsFor: known.get(session) ?? [] }))
  }
}

async function waitingSessions(query: Query, sessions: readonly number[]): Promise<readonly number[]> {
  const [status] = await query('show engine innodb status')
  const waiting = new Set(waitingForRows(String(status?.['Status'])))
  if (!sessions.every((session) => waiting.has(session)))
    for (const { id } of await query(otherLocks)) waiting.add(Number(id))
  return sessions.filter((session, index) => waiting.has(session) && sessions.indexOf(session) === index)
}

/**
 * The sessions that wait for row locks, by InnoDB's own account. It is not a copy, and so has no age:
 * ```text
 * ---TRANSACTION 24, ACTIVE 0 sec starting index read
 * mysql tables in use 1, locked 1
 * LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)
 * MariaDB thread id 5, OS thread handle 140627969193664, query id 8 127.0.0.1 app Updating
 * ```
 */
function waitingForRows(status: string): readonly number[] {
  const [, ...transactions] = status.split('---TRANSACTION ')
  return transactions.flatMap((text) => {
    const session = /^LOCK WAIT [^]*?^(?:MariaDB|MySQL) thread id (\d+)/m.exec(text)?.[1]
    return session === undefined ? [] : [Number(session)]
  })
}

/** Of tables' definitions, and those that GET_LOCK takes. */
const otherLocks = `
select id from information_schema.processlist
where state like 'Waiting for%lock%' or state = 'User lock'`

const blockersOnMariadb = `
select waiting.trx_mysql_thread_id as session, blocking.trx_mysql_thread_id as blocker
from information_schema.innodb_lock_waits
join information_schema.innodb_trx as waiting on waiting.trx_id = requesting_trx_id
join information_schema.innodb_trx as blocking on blocking.trx_id = blocking_trx_id`

const blockersOnMysql = `
select waiting.processlist_id as session, blocking.processlist_id as blocker
from performance_schema.data_lock_waits
join performance_schema.threads as waiting on waiting.thread_id = requesting_thread_id
join performance_schema.threads as blocking on blocking.thread_id = blocking_thread_id`

function blockersOf(rows: readonly Row[]): ReadonlyMap<number, readonly number[]> {
  const blockers = new Map<number, readonly number[]>()
  for (const { session, blocker } of rows) {
    const others = blockers.get(Number(session)) ?? []
    if (!others.includes(Number(blocker))) blockers.set(Number(session), [...others, Number(blocker)])
  }
  return blockers
}

const foreignKeys = `
select table_name as child, referenced_table_name as parent from information_schema.referential_constraints`

const triggers = `select event_object_table as name from information_schema.triggers`

/** The servers' own schemas have hundreds, which no application writes. */
const views = `
select table_name as whole, view_definition as definition from information_schema.views
where table_schema not in ('mysql', 'sys', 'information_schema', 'performance_schema')`

const tables = `
select table_name as name from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('mysql', 'sys', 'information_schema', 'performance_schema')`

async function readRelations(query: Query): Promise<Relations> {
  const keys = await query(foreignKeys)
  const viewed = await query(views)
  const all = viewed.length > 0 ? (await query(tables)).map(({ name }) => lower(name)) : []
  return relationsOf({
    foreignKeys: keys.map(({ child, parent }) => ({ child: lower(child), parent: lower(parent) })),
    parts: viewed.flatMap(({ whole, definition }) =>
      tablesIn(String(definition), all).map((part) => ({ whole: lower(whole), part })),
    ),
    opaque: new Set((await query(triggers)).map(({ name }) => lower(name))),
  })
}

/** MariaDB has no catalog of what its views read. Of a view whose definition the account may not see, it may be anything. */
function tablesIn(definition: string, all: readonly string[]): readonly string[] {
  const command = readStatement(definition)
  return command.kind === 'query' && command.reads.size > 0 ? [...command.reads] : all
}

const lower = (name: unknown) => String(name).toLowerCase()
