import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { IsolationLevel } from 'onerow'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromPrisma } from 'onerow/prisma'
import type { PrismaLike, PrismaOptions } from 'onerow/prisma'
import { PrismaClient as MysqlClient } from '../tools/prisma/generated/prisma-mysql/client.ts'
import { PrismaClient as SqliteClient } from '../tools/prisma/generated/prisma-sqlite/client.ts'
import { PrismaClient } from '../tools/prisma/generated/prisma/client.ts'
import { transactionSession } from './transaction-session.ts'
import type { ToolTransaction } from './transaction-session.ts'

/** What the three generated clients have in common. */
interface Client extends PrismaLike {
  $transaction<Result>(
    work: (transaction: PrismaLike) => Promise<Result>,
    options: { maxWait: number; timeout: number; isolationLevel?: never },
  ): Promise<Result>
  $disconnect(): Promise<void>
}

/** A machine that has other things to do takes more than Prisma's own two seconds. */
const patience = { maxWait: 20_000, timeout: 60_000 }

const levels = {
  'read committed': 'ReadCommitted',
  'repeatable read': 'RepeatableRead',
  serializable: 'Serializable',
}

export async function openPrismaPg(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const options = isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`
  const client = (max: number) =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max, options }) })
  return opened(client, connections)
}

export async function openPrismaMariadb(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const settings = { host, port: Number(port), user, password, database: pathname.slice(1) }
  const initSql = isolation === undefined ? [] : [`set session transaction isolation level ${isolation}`]
  const client = (connectionLimit: number) =>
    // Its own 10 seconds are few for 64 callers on a machine that has other things to do.
    new MysqlClient({
      adapter: new PrismaMariaDb({ ...settings, initSql, acquireTimeout: 20_000, connectionLimit }),
    })
  return opened(client, connections, { server: 'mariadb' })
}

/** @param where a file's path */
export async function openPrismaSqlite(where: string): Promise<OpenDatabase> {
  return opened(
    () => new SqliteClient({ adapter: new PrismaBetterSqlite3({ url: where, timeout: 10_000 }) }),
    1,
  )
}

function opened(
  open: (connections: number) => Client,
  connections: number,
  options?: PrismaOptions,
): OpenDatabase {
  const client = open(connections)
  return {
    db: fromPrisma(client, options),
    session: async () => sessionOf(open(1), options),
    close: () => client.$disconnect(),
  }
}

function sessionOf(client: Client, options?: PrismaOptions): Session {
  return transactionSession({
    db: fromPrisma(client, options),
    execute: executeOn(client),
    begin: (isolation) => begin(client, isolation, options),
    close: () => client.$disconnect(),
  })
}

function executeOn(client: PrismaLike): Session['execute'] {
  return async (text, values = []) =>
    // Prisma's users write `?` on SQLite. They get an array of rows, whatever the statement.
    (await client.$queryRawUnsafe(text.replaceAll(/\?\d+/g, '?'), ...values)) as never[]
}

/** Opens a transaction that ends when it is told so. */
function begin(
  client: Client,
  isolation: IsolationLevel | undefined,
  options?: PrismaOptions,
): Promise<ToolTransaction> {
  const rolledBack = new Error('rolled back')
  return new Promise((resolve, reject) => {
    const ended: Promise<void> = client.$transaction(
      (transaction) =>
        new Promise<void>((commit, rollback) => {
          resolve({
            db: fromPrisma(transaction, options),
            execute: executeOn(transaction),
            commit: () => (commit(), ended),
            rollback: () => (rollback(rolledBack), ended.catch(ignoring(rolledBack))),
          })
        }),
      // The client's own type knows the levels of its engine.
      { ...patience, ...(isolation && { isolationLevel: levels[isolation] as never }) },
    )
    ended.catch(reject)
  })
}

function ignoring(expected: Error): (error: unknown) => void {
  return (error) => {
    if (error !== expected) throw error
  }
}
