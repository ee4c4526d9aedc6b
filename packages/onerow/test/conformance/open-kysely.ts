import SqliteDatabase from 'better-sqlite3'
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import type { Dialect, Transaction } from 'kysely'
import { createPool } from 'mysql2'
import type { IsolationLevel } from 'onerow'
import { fromKysely } from 'onerow/kysely'
import type { KyselyOptions } from 'onerow/kysely'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { Pool } from 'pg'
import { transactionSession } from './transaction-session.ts'
import type { ToolTransaction } from './transaction-session.ts'

export async function openKyselyPostgres(
  connectionString: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const options = isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`
  return openKysely((max) => {
    const pool = new Pool({ connectionString, options, max })
    // A lost connection is told to the pool, and to itself while it is in use; each ends the process when nobody listens.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    return new PostgresDialect({ pool })
  }, connections)
}

/** @param where a file's path */
export async function openKyselySqlite(where: string): Promise<OpenDatabase> {
  return openKysely(() => {
    const database = new SqliteDatabase(where, { timeout: 10_000 })
    return new SqliteDialect({ database })
  })
}

export function openKyselyMariadb(
  uri: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const level = isolation && `set session transaction isolation level ${isolation}`
  return openKysely(
    (connectionLimit) => {
      const pool = createPool({ uri, connectionLimit, supportBigNumbers: true })
      // Runs before anything else on the connection: statements of one connection keep their order.
      if (level) pool.on('connection', (connection) => void connection.query(level))
      return new MysqlDialect({ pool })
    },
    connections,
    { server: 'mariadb' },
  )
}

async function openKysely(
  dialectOf: (connections: number) => Dialect,
  connections = 1,
  options: KyselyOptions = {},
): Promise<OpenDatabase> {
  const open = (most: number) => new Kysely<unknown>({ dialect: dialectOf(most) })
  const kysely = open(connections)
  return {
    db: fromKysely(kysely, options),
    session: async () => session(open(1), options),
    close: () => kysely.destroy(),
  }
}

function session(kysely: Kysely<unknown>, options: KyselyOptions): Session {
  return transactionSession({
    db: fromKysely(kysely, options),
    execute: executeOn(kysely),
    begin: (isolation) => begin(kysely, options, isolation),
    close: () => kysely.destroy(),
  })
}

async function begin(
  kysely: Kysely<unknown>,
  options: KyselyOptions,
  isolation: IsolationLevel | undefined,
): Promise<ToolTransaction> {
  const builder = kysely.startTransaction()
  const transaction = await (
    isolation === undefined ? builder : builder.setIsolationLevel(isolation)
  ).execute()
  return {
    db: fromKysely(transaction, options),
    execute: executeOn(transaction),
    commit: () => transaction.commit().execute(),
    rollback: () => transaction.rollback().execute(),
  }
}

function executeOn(kysely: Kysely<unknown> | Transaction<unknown>): Session['execute'] {
  return async (text, values = []) => {
    // Kysely's driver for SQLite takes no numbered placeholders; the suite uses each value once, in order.
    const sql = text.replaceAll(/\?\d/g, '?')
    const { rows } = await kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql, [...values]))
    return rows
  }
}
