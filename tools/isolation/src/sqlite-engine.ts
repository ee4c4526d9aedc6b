import { DatabaseSync } from 'node:sqlite'
import { keySql } from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { sqlite } from 'onerow/sqlite'
import type { Engine, Level, Parties, Run, Session } from './engine.ts'
import { looseTable, raceKey } from './race.ts'

const levels = (['rollback journal', 'WAL'] as const).map((journal): Level => ({
  name: `SERIALIZABLE, ${journal}`,
  isolation: 'serializable',
  settings: [`pragma journal_mode = ${journal === 'WAL' ? 'wal' : 'delete'}`],
}))

const createTable = (name: string): string => `
create table ${name} (
  id integer primary key,
  user_id text not null,
  name text not null,
  visits integer default 0 not null
)`

const ddl = [
  createTable('race'),
  keySql(raceKey, sqlite),
  createTable(looseTable),
  'create table audit (entry integer not null)',
]

/** @param file where there is no database yet */
export async function openSqliteEngine(file: string): Promise<Engine> {
  const observer = new DatabaseSync(file)
  const observe = runOn(observer)
  for (const text of ddl) await observe(text)
  const { rows } = await observe('select sqlite_version() as version')
  const [major, minor] = String(rows[0]?.['version']).split('.')
  return {
    name: `SQLite ${major}.${minor}`,
    levels,
    ways: [
      'autocommit',
      'transaction that writes after',
      'savepoint, writes after',
      'transaction that has written',
      'retried',
    ],
    async open({ settings }) {
      // The file's own setting, made while no other connection is open: else a database does not leave WAL.
      for (const text of settings) await observe(text)
      return openParties(file)
    },
    observe,
    clear: ['race', looseTable, 'audit'].map((table) => `delete from ${table}`),
    isRefusedByLock: (error) => error instanceof Error && 'errcode' in error && error.errcode === busy,
    close: async () => observer.close(),
  }
}

/** SQLITE_BUSY, without what extends it: SQLITE_BUSY_SNAPSHOT is not about a lock that could be waited for. */
const busy = 5

async function openParties(file: string): Promise<Parties> {
  // Without a timeout: node:sqlite would wait in the one thread that the party has, too, for whom it waits.
  const databases = Array.from({ length: 3 }, () => new DatabaseSync(file, { timeout: 0 }))
  const sessions = databases.map(sessionOn)
  for (const { run } of sessions) await run('pragma synchronous = off')
  const [pool, caller, rival] = sessions as [Session, Session, Session]
  return {
    pool: pool.db,
    caller,
    rival,
    seesHeldUp: async () => false,
    async close() {
      for (const database of databases) database.close()
    },
  }
}

function sessionOn(database: DatabaseSync): Session {
  return { db: fromNodeSqlite(database), run: runOn(database) }
}

function runOn(database: DatabaseSync): Run {
  return async (text) => {
    const statement = database.prepare(text)
    if (statement.columns().length > 0) return { rows: statement.all(), changed: 0 }
    return { rows: [], changed: Number(statement.run().changes) }
  }
}
