import { createConnection, createPool } from 'mariadb'
import type { Connection, ConnectionConfig } from 'mariadb'
import { keySql } from 'onerow'
import { fromMariadb } from 'onerow/mariadb'
import { mariadb } from 'onerow/mysql'
import type { Engine, Level, Parties, Run, Session } from './engine.ts'
import { inOrder } from './in-order.ts'
import { looseTable, raceKey } from './race.ts'

function levelAt(isolation: Level['isolation'], snapshotIsolation: 'off' | 'on'): Level {
  return {
    name: isolation.toUpperCase() + (snapshotIsolation === 'on' ? ', innodb_snapshot_isolation=ON' : ''),
    isolation,
    settings: [
      `set session transaction isolation level ${isolation}`,
      // There is one from 10.11.8 on, off by default; newer series have it on (MDEV-35124).
      `set session innodb_snapshot_isolation = ${snapshotIsolation}`,
      // A session that hangs is to end, so that it can be closed.
      'set session max_statement_time = 20',
    ],
  }
}

const levels = [
  levelAt('read committed', 'off'),
  levelAt('repeatable read', 'off'),
  levelAt('repeatable read', 'on'),
  levelAt('serializable', 'off'),
]

const createTable = (name: string): string => `
create table ${name} (
  id integer auto_increment primary key,
  user_id varchar(32) not null,
  name varchar(32) not null,
  visits integer default 0 not null
)`

const ddl = [
  createTable('race'),
  keySql(raceKey, mariadb),
  createTable(looseTable),
  'create table audit (entry integer not null)',
]

/** @param settings of an empty database */
export async function openMariadbEngine(settings: ConnectionConfig): Promise<Engine> {
  const observer = await createConnection(settings)
  const observe = runOn(observer)
  for (const text of ddl) await observe(text)
  const { rows } = await observe('select version() as version')
  const [major, minor] = String(rows[0]?.['version']).split('.')
  return {
    name: `MariaDB ${major}.${minor}`,
    levels,
    ways: ['autocommit', 'transaction', 'savepoint', 'retried'],
    open: (level) => openParties({ ...settings, initSql: [...level.settings] }, observe),
    observe,
    // Not DELETE: what it leaves to be purged would be locked sometimes, and sometimes be gone.
    clear: ['race', looseTable, 'audit'].map((table) => `truncate ${table}`),
    isRefusedByLock: () => false,
    close: () => observer.end(),
  }
}

async function openParties(settings: ConnectionConfig, observe: Run): Promise<Parties> {
  const pool = createPool({ ...settings, connectionLimit: 1 })
  const [caller, rival] = await Promise.all([createConnection(settings), createConnection(settings)])
  return {
    pool: fromMariadb(pool),
    caller: sessionOn(caller),
    rival: sessionOn(rival),
    async seesHeldUp(party) {
      const waiting = waitingThreads((await observe('show engine innodb status')).rows[0]?.['Status'])
      if (party === 'rival') return waiting.has(Number(rival.threadId))
      if (waiting.size === 0) return false
      // A pool's connections come and go: they are those of the database that are not the rival's.
      const { rows } = await observe('select id from information_schema.processlist where db = database()')
      return rows.some(({ id }) => waiting.has(Number(id)) && Number(id) !== rival.threadId)
    },
    async close() {
      await Promise.all([pool.end(), caller.end(), rival.end()])
    },
  }
}

/** From the monitor's text: INNODB_TRX is cached, and shows no wait to who looks more often than ten times a second. */
function waitingThreads(status: unknown): ReadonlySet<number> {
  const transactions = String(status).split('---TRANSACTION ')
  const waiting = transactions.filter((transaction) => /^LOCK WAIT /m.test(transaction))
  return new Set(waiting.map((transaction) => Number(/^MariaDB thread id (\d+)/m.exec(transaction)?.[1])))
}

function sessionOn(connection: Connection): Session {
  return { db: fromMariadb(connection), run: runOn(connection) }
}

function runOn(connection: Connection): Run {
  return inOrder(async (text) => {
    const result: unknown = await connection.query(text)
    if (Array.isArray(result)) return { rows: result, changed: 0 }
    // An OkPacket, for a statement that answers no rows.
    return { rows: [], changed: (result as { readonly affectedRows: number }).affectedRows }
  })
}
