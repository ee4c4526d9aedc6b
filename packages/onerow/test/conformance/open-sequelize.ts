import type { IsolationLevel } from 'onerow'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromSequelize } from 'onerow/sequelize'
import mariadb from 'mariadb'
import mysql2 from 'mysql2'
import pg from 'pg'
import { QueryTypes, Sequelize } from 'sequelize'
import type { Options, Transaction } from 'sequelize'
import { sqlite3Module } from './sqlite3-module.ts'
import { transactionSession } from './transaction-session.ts'

export function openSequelizeOnPostgres(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, { dialect: 'postgres', dialectModule: pg }, options)
}

export function openSequelizeOnMariadb(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, { dialect: 'mariadb', dialectModule: mariadb }, options)
}

/** By its dialect for MySQL, on MariaDB, the way without RETURNING. */
export function openSequelizeAsMysql(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(mysqlUrl(url), { dialect: 'mysql', dialectModule: mysql2 }, options)
}

/** Sequelize takes the dialect from the URL before it takes it from the options. */
export function mysqlUrl(url: string): string {
  return url.replace(/^mariadb:/, 'mysql:')
}

/** @param path of the file */
export function openSequelizeOnSqlite(path: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(undefined, { dialect: 'sqlite', storage: path }, options)
}

async function open(
  url: string | undefined,
  dialect: Options,
  { connections = 10, isolation, unreachableReplica = false }: OpenOptions,
): Promise<OpenDatabase> {
  const connect = (max: number): Sequelize => {
    const settings: Options = {
      ...dialect,
      logging: false,
      ...(dialect.dialect === 'sqlite' && { dialectModule: sqlite3Module() }),
      pool: { max, acquire: 20_000 },
      ...(unreachableReplica && { replication: { read: [{ host: '127.0.0.1', port: '1' }], write: {} } }),
    }
    const sequelize = url === undefined ? new Sequelize(settings) : new Sequelize(url, settings)
    if (isolation !== undefined && url !== undefined)
      sequelize.addHook('afterConnect', (connection) => setIsolation(sequelize, connection, isolation))
    return sequelize
  }
  const pool = connect(connections)
  return {
    db: fromSequelize(pool),
    session: async () => openSession(connect(1)),
    close: () => pool.close(),
  }
}

/** The level that a connection's transactions have where they name none. */
async function setIsolation(sequelize: Sequelize, connection: unknown, level: IsolationLevel): Promise<void> {
  const text =
    sequelize.getDialect() === 'postgres'
      ? `set default_transaction_isolation = '${level}'`
      : `set session transaction isolation level ${level}`
  await sequelize.query(text, { transaction: { connection } as unknown as Transaction })
}

function openSession(sequelize: Sequelize): Session {
  const execute = async (
    text: string,
    values: readonly unknown[] = [],
    transaction?: Transaction,
  ): Promise<never[]> => {
    // Sequelize's own placeholders are `$1` everywhere.
    let number = 0
    const bound = values.length === 0 ? text : text.replaceAll(/\?\d*/g, () => `$${++number}`)
    const rows: unknown = await sequelize.query(bound, {
      // Without it Sequelize deletes `meta` of the rows, and version 3 of the driver mariadb does not let it.
      type: /^\s*(select|pragma)/.test(text) ? QueryTypes.SELECT : QueryTypes.RAW,
      ...(values.length > 0 && { bind: [...values] }),
      ...(transaction && { transaction }),
    })
    return Array.isArray(rows) ? (rows as never[]) : []
  }
  return transactionSession({
    db: fromSequelize(sequelize),
    execute,
    async begin(isolation) {
      const level = isolation?.toUpperCase() as Transaction.ISOLATION_LEVELS | undefined
      const transaction = await sequelize.transaction(level === undefined ? {} : { isolationLevel: level })
      return {
        db: fromSequelize(transaction),
        execute: (text, values) => execute(text, values, transaction),
        commit: () => transaction.commit(),
        rollback: () => transaction.rollback(),
      }
    },
    close: () => sequelize.close(),
  })
}
