import Sqlite from 'better-sqlite3'
import { createClient } from '@libsql/client'
import { DrizzleError, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { drizzle as drizzleOnSqlite } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzleOnLibsql } from 'drizzle-orm/libsql'
import { drizzle as drizzleOnMysql2 } from 'drizzle-orm/mysql2'
import type { MySqlQueryResult } from 'drizzle-orm/mysql2'
import { withReplicas as withMysqlReplicas } from 'drizzle-orm/mysql-core'
import { drizzle as drizzleOnPg } from 'drizzle-orm/node-postgres'
import { withReplicas } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import { createConnection, createPool } from 'mysql2/promise'
import type { Database, IsolationLevel, StoredRow } from 'onerow'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromDrizzle } from 'onerow/drizzle'
import type { DrizzleLike } from 'onerow/drizzle'
import { Client, Pool } from 'pg'
import postgres from 'postgres'
import { transactionSession } from './transaction-session.ts'
import type { ToolTransaction } from './transaction-session.ts'

/** By node-postgres. */
export async function openDrizzle(
  url: string,
  { connections = 10, isolation, unreachableReplica }: OpenOptions = {},
): Promise<OpenDatabase> {
  const settings = {
    connectionString: url,
    options: isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`,
  }
  const pool = new Pool({ ...settings, max: connections })
  // A lost connection is also told to the pool, which ends the process when nobody listens.
  pool.on('error', () => {})
  const primary = drizzleOnPg(pool)
  const replica = drizzleOnPg('postgres://127.0.0.1:1/nobody')
  return {
    db: fromDrizzle(unreachableReplica ? withReplicas(primary, [replica]) : primary),
    async session() {
      const client = new Client(settings)
      await client.connect()
      const db = drizzleOnPg(client)
      return transactionSession({
        db: fromDrizzle(db),
        execute: async (text, values) => (await db.execute(sqlOf(text, values))).rows,
        begin: (level) =>
          begun(db, {
            isolation: level,
            db: fromDrizzle,
            execute: async (tx, query) => (await tx.execute(query)).rows,
          }),
        close: () => client.end(),
      })
    },
    close: () => pool.end(),
  }
}

export async function openDrizzleOnPostgresJs(
  url: string,
  { connections = 10, isolation, unreachableReplica }: OpenOptions = {},
): Promise<OpenDatabase> {
  const open = (max: number) =>
    postgres(url, {
      max,
      onnotice: () => {},
      ...(isolation && { connection: { default_transaction_isolation: isolation } }),
    })
  const client = open(connections)
  const primary = drizzleOnPostgresJs(client)
  const replica = drizzleOnPostgresJs('postgres://127.0.0.1:1/nobody')
  return {
    db: fromDrizzle(unreachableReplica ? withReplicas(primary, [replica]) : primary),
    async session() {
      const one = open(1)
      const db = drizzleOnPostgresJs(one)
      return transactionSession({
        db: fromDrizzle(db),
        execute: (text, values) => db.execute(sqlOf(text, values)),
        begin: (level) =>
          begun(db, { isolation: level, db: fromDrizzle, execute: (tx, query) => tx.execute(query) }),
        close: () => one.end(),
      })
    },
    // Without a timeout, end() waits for ever for a connection that was lost while it ran a query.
    close: () => client.end({ timeout: 0 }),
  }
}

export async function openDrizzleOnMysql2(
  url: string,
  { connections = 10, isolation, unreachableReplica }: OpenOptions = {},
): Promise<OpenDatabase> {
  const settings = { uri: url, supportBigNumbers: true }
  const level = isolation && `set session transaction isolation level ${isolation}`
  const pool = createPool({ ...settings, connectionLimit: connections })
  // Runs before anything else on the connection: statements of one connection keep their order.
  if (level) pool.pool.on('connection', (connection) => void connection.query(level))
  const primary = drizzleOnMysql2(pool)
  const replica = drizzleOnMysql2(createPool('mysql://127.0.0.1:1/nobody'))
  return {
    db: fromDrizzle(unreachableReplica ? withMysqlReplicas(primary, [replica]) : primary, {
      server: 'mariadb',
    }),
    async session() {
      const connection = await createConnection(settings)
      if (level) await connection.query(level)
      const db = drizzleOnMysql2(connection)
      return transactionSession({
        db: fromDrizzle(db, { server: 'mariadb' }),
        execute: async (text, values) => rowsOf(await db.execute(sqlOf(text, values))),
        begin: (named) =>
          begun(db, {
            isolation: named,
            db: (tx) => fromDrizzle(tx, { server: 'mariadb' }),
            execute: async (tx, query) => rowsOf(await tx.execute(query)),
          }),
        close: () => connection.end(),
      })
    },
    close: () => pool.end(),
  }
}

/** @param file its path */
export async function openDrizzleOnBetterSqlite3(file: string): Promise<OpenDatabase> {
  const open = (): Session => {
    const client = new Sqlite(file, { timeout: 10_000 })
    const db = drizzleOnSqlite(client)
    return {
      db: fromDrizzle(db),
      async execute(text, values) {
        if (client.prepare(text).reader) return db.all<StoredRow>(sqlOf(text, values))
        try {
          db.run(sqlOf(text, values))
        } catch (error) {
          // Drizzle wraps the error here only, and not where rows are answered.
          throw error instanceof DrizzleError ? error.cause : error
        }
        return []
      },
      close: async () => void client.close(),
    }
  }
  const { db, close } = open()
  return { db, session: async () => open(), close }
}

/** @param file its path */
export async function openDrizzleOnLibsql(file: string): Promise<OpenDatabase> {
  const open = (): Session => {
    const client = createClient({ url: `file:${file}`, timeout: 10_000 })
    const db = drizzleOnLibsql(client)
    return transactionSession({
      db: fromDrizzle(db),
      execute: async (text, values) => db.all<StoredRow>(sqlOf(text, values)),
      begin: () => begun(db, { db: fromDrizzle, execute: (tx, query) => tx.all<StoredRow>(query) }),
      close: async () => client.close(),
    })
  }
  const { db, close } = open()
  return { db, session: async () => open(), close }
}

function rowsOf([rows]: MySqlQueryResult): readonly StoredRow[] {
  return Array.isArray(rows) ? (rows as StoredRow[]) : []
}

/** The suite's text, with placeholders of its engine, as a user of Drizzle would write it. */
function sqlOf(text: string, values: readonly unknown[] = []): SQL {
  if (values.length === 0) return sql.raw(text)
  const pieces = text.split(/\$\d+|\?\d*/)
  return sql.join(
    pieces.flatMap((piece, index) =>
      index === 0 ? [sql.raw(piece)] : [sql.param(values[index - 1]), sql.raw(piece)],
    ),
  )
}

const rolledBack = new Error('rolled back')

interface Transacting<Transaction> {
  transaction(work: (tx: Transaction) => Promise<void>, config?: never): Promise<void>
}

/** How to run statements on a transaction. */
interface Running<Transaction> {
  readonly isolation?: IsolationLevel | undefined
  readonly db: (tx: Transaction) => Database
  readonly execute: (tx: Transaction, query: SQL) => Promise<readonly StoredRow[]>
}

/** Holds a transaction of Drizzle's open until it is told how to end it; the suite's savepoints are transactions in it. */
async function begun<Transaction extends DrizzleLike & Transacting<Transaction>>(
  db: Transacting<Transaction>,
  { isolation, ...on }: Running<Transaction>,
): Promise<ToolTransaction> {
  const [opened, ending] = [Promise.withResolvers<Transaction>(), Promise.withResolvers<void>()]
  const ended = db.transaction(
    (tx) => {
      opened.resolve(tx)
      return ending.promise
      // SQLite takes another config, and has one level.
    },
    (isolation && { isolationLevel: isolation }) as never,
  )
  ended.catch(opened.reject)
  const tx = await opened.promise
  let savepoint: ToolTransaction | undefined
  return {
    get db() {
      return savepoint?.db ?? on.db(tx)
    },
    async execute(text, values) {
      if (text.startsWith('savepoint ')) savepoint = await begun(tx, on)
      else if (text.startsWith('rollback to savepoint ')) {
        await savepoint?.rollback()
        savepoint = undefined
      } else return savepoint ? savepoint.execute(text, values) : on.execute(tx, sqlOf(text, values))
      return []
    },
    async commit() {
      await savepoint?.commit()
      ending.resolve()
      await ended
    },
    async rollback() {
      ending.reject(rolledBack)
      await ended.catch((error: unknown) => {
        if (error !== rolledBack) throw error
      })
    },
  }
}
