import { startTcpProxy } from '@onerow/servers'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromTypeOrm } from 'onerow/typeorm'
import mysql2 from 'mysql2'
import { DataSource } from 'typeorm'
import type { DataSourceOptions, QueryRunner } from 'typeorm'
import { transactionSession } from './transaction-session.ts'
import type { TransactionTool } from './transaction-session.ts'

export async function openTypeOrmOnPostgres(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  // TypeORM connects to every replica at its start: this one goes away after that.
  const replica = options.unreachableReplica === true ? await startReplica(url) : undefined
  const opened = await openTypeOrm(options, (poolSize) => ({
    type: 'postgres',
    ...(replica ? { replication: { master: { url }, slaves: [{ url: replica.url }] } } : { url }),
    poolSize,
    extra: {
      options:
        options.isolation && `-c default_transaction_isolation=${options.isolation.replaceAll(' ', '\\ ')}`,
    },
  }))
  await replica?.close()
  return opened
}

async function startReplica(master: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const url = new URL(master)
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  return { url: url.href, close: () => proxy.close() }
}

export function openTypeOrmOnMariadb(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return openTypeOrm(options, (poolSize) => ({
    type: 'mariadb',
    ...(options.unreachableReplica === true
      ? { replication: { master: { url }, slaves: [{ url: 'mariadb://nobody@127.0.0.1:1/nowhere' }] } }
      : { url }),
    poolSize,
    driver: options.isolation === undefined ? mysql2 : mysql2At(options.isolation),
  }))
}

/** mysql2, but each connection of its pools begins its transactions at this level. */
function mysql2At(isolation: string): object {
  const createPool = (settings: mysql2.PoolOptions): mysql2.Pool => {
    const pool = mysql2.createPool(settings)
    // Runs before anything else on the connection: statements of one connection keep their order.
    pool.on('connection', (connection) => {
      connection.query(`set session transaction isolation level ${isolation}`)
    })
    return pool
  }
  return { ...mysql2, createPool }
}

/** @param database a file's path */
export function openTypeOrmOnSqlite(database: string): Promise<OpenDatabase> {
  return openTypeOrm({}, () => ({ type: 'better-sqlite3', database, timeout: 10_000, enableWAL: true }))
}

async function openTypeOrm(
  { connections = 10 }: OpenOptions,
  settings: (poolSize: number) => DataSourceOptions,
): Promise<OpenDatabase> {
  const initialized = (poolSize: number) =>
    new DataSource({ ...settings(poolSize), logging: false }).initialize()
  const dataSource = await initialized(connections)
  return {
    db: fromTypeOrm(dataSource),
    session: async () => sessionOn(await initialized(1)),
    close: () => dataSource.destroy(),
  }
}

function sessionOn(dataSource: DataSource): Session {
  const runner = dataSource.createQueryRunner()
  return transactionSession({
    ...statementsOn(runner),
    async begin(isolation) {
      // The suite's levels, in upper case, are those of TypeORM.
      await runner.startTransaction(isolation?.toUpperCase() as Uppercase<NonNullable<typeof isolation>>)
      return {
        ...statementsOn(runner),
        commit: () => runner.commitTransaction(),
        rollback: () => runner.rollbackTransaction(),
      }
    },
    async close() {
      await runner.release()
      await dataSource.destroy()
    },
  })
}

function statementsOn(runner: QueryRunner): Pick<TransactionTool, 'db' | 'execute'> {
  return {
    db: fromTypeOrm(runner),
    execute: async (text, values = []) => {
      // better-sqlite3 takes ?1 for a parameter that is named 1.
      const named = Object.fromEntries(values.map((value, index) => [index + 1, value]))
      return (await runner.query(text, text.includes('?1') ? [named] : [...values], true)).records
    },
  }
}
