import { startPgbouncer, testDatabase } from '@onerow/servers'
import { keySql, table, uniqueKey } from 'onerow'
import type { Database, StoredRow } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres as dialect } from 'onerow/postgres'
import { fromPostgresJs } from 'onerow/postgres-js'
import pg from 'pg'
import postgres from 'postgres'

interface Counter {
  readonly name: string
  readonly value: number
  readonly patience: string
}

const counters = table<Counter, Omit<Counter, 'patience'>>('counter', {
  columns: { name: 'name', value: 'value', patience: 'patience' },
})
/** Of the counters, whose `patience` is the lock_timeout of the statement that inserted the row. */
export const byName = uniqueKey(counters, ['name'], { name: 'counter_name' })

type Query = (text: string) => Promise<readonly StoredRow[]>

/** A driver's pool. */
export interface Pool extends AsyncDisposable {
  readonly db: Database
  /** Keeps a server connection while the work runs, by an open transaction. */
  readonly keeping: (work: (query: Query) => Promise<void>) => Promise<void>
}

/** Opens a pool of `max` clients. */
export type OpenPool = (url: string, options: { readonly max: number; readonly prepare: boolean }) => Pool

/** Of `pg`. */
export const openPg: OpenPool = (url, { max, prepare }) => {
  const pool = new pg.Pool({ connectionString: url, max })
  return {
    db: fromPg(pool, { prepare }),
    async keeping(work) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        await work(async (text) => (await client.query<StoredRow>(text)).rows)
        await client.query('commit')
      } finally {
        client.release(true) // whatever its transaction has come to
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** Of postgres.js. */
export const openPostgresJs: OpenPool = (url, { max, prepare }) => {
  const sql = postgres(url, { max, prepare })
  return {
    db: fromPostgresJs(sql, { prepare }),
    async keeping(work) {
      await sql.begin((tx) => work((text) => tx.unsafe(text)))
    },
    [Symbol.asyncDispose]: () => sql.end(),
  }
}

/** How many PgBouncer has, for all clients. */
export const serverConnections = 4

/** The table, and a PgBouncer in front of its database, whose server connections nobody has used. */
export async function openServers(): Promise<{ readonly url: string } & AsyncDisposable> {
  const database = await testDatabase({ name: 'pgbouncer' })
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(`
    create table counter (
      name text not null,
      value integer not null,
      patience text not null default current_setting('lock_timeout')
    )`)
  await client.query(keySql(byName, dialect))
  // Not the server's default, so that nobody resets it to what it is here by chance.
  await client.query(`do $$ begin
    execute format('alter database %I set lock_timeout = ''10min''', current_database());
  end $$`)
  await client.end()
  const pgbouncer = await startPgbouncer({ url: database.url, serverConnections })
  const dispose = async () => {
    await pgbouncer.stop()
    await database.drop()
  }
  return { url: pgbouncer.url, [Symbol.asyncDispose]: dispose }
}
