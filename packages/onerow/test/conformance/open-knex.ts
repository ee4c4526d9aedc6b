import type { IsolationLevel } from 'onerow'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromKnex } from 'onerow/knex'
import type { KnexOptions } from 'onerow/knex'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { mariadbSettings } from './open-mariadb.ts'
import { transactionSession } from './transaction-session.ts'

/** Its own 60 seconds are those of a case of the suite. */
const acquireConnectionTimeout = 20_000

export async function openKnexOnPostgres(
  connectionString: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const options = isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`
  return openKnex((max) =>
    createKnex({
      client: 'pg',
      connection: { connectionString, ...(options && { options }) },
      pool: { min: 0, max: max ?? connections },
      acquireConnectionTimeout,
    }),
  )
}

/**
 * Always with the one connection that is Knex's default for SQLite: with several, a statement that waits for the lock of
 * another blocks the thread on which that other would go on.
 *
 * @param filename a file's path
 */
export async function openKnexOnSqlite(filename: string): Promise<OpenDatabase> {
  return openKnex(() =>
    createKnex({
      client: 'better-sqlite3',
      connection: { filename },
      useNullAsDefault: true,
      acquireConnectionTimeout,
    }),
  )
}

export async function openKnexOnMysql2(
  uri: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const open = (max = connections) =>
    createKnex({
      client: 'mysql2',
      connection: { uri, supportBigNumbers: true },
      pool: { min: 0, max, ...withLevel(isolation) },
      acquireConnectionTimeout,
    })
  return openKnex(open, { server: 'mariadb' })
}

export async function openKnexOnMariadb(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  return openKnex((max = connections) =>
    createKnex({
      client: 'mariadb',
      connection: mariadbSettings(url, undefined) as Knex.MariaSqlConnectionConfig,
      pool: { min: 0, max, ...withLevel(isolation) },
      acquireConnectionTimeout,
    }),
  )
}

interface MysqlConnection {
  query(sql: string, done: (error: Error | null) => void): void
}

function withLevel(isolation: IsolationLevel | undefined): Pick<Knex.PoolConfig, 'afterCreate'> {
  if (isolation === undefined) return {}
  return {
    afterCreate: (connection: MysqlConnection, done: (error: Error | null) => void) =>
      connection.query(`set session transaction isolation level ${isolation}`, done),
  }
}

/** @param open opens an instance, with a pool of the size that is told, or of the default's */
async function openKnex(open: (max?: number) => Knex, options?: KnexOptions): Promise<OpenDatabase> {
  const knex = open()
  return {
    db: fromKnex(knex, options),
    session: async () => openSession(open(1), options),
    close: () => knex.destroy(),
  }
}

function openSession(knex: Knex, options?: KnexOptions): Session {
  return transactionSession({
    db: fromKnex(knex, options),
    execute: executeOn(knex),
    close: () => knex.destroy(),
    async begin(isolation) {
      const transaction = await knex.transaction(isolation === undefined ? {} : { isolationLevel: isolation })
      return {
        db: fromKnex(transaction, options),
        execute: executeOn(transaction),
        async commit() {
          await transaction.commit()
          try {
            // Only this one rejects when COMMIT fails.
            await transaction.executionPromise
          } catch (error) {
            // SQLite's transaction is still open then, on the one connection.
            if (knex.client.driverName === 'better-sqlite3') await knex.raw('rollback')
            throw error
          }
        },
        rollback: () => transaction.rollback(),
      }
    },
  })
}

/** A statement of the suite as a user of Knex writes it: with `?` for each value, and `\\?` for a question mark. */
function executeOn(knex: Knex): Session['execute'] {
  return async (text, values = []) => {
    const isPostgres = knex.client.driverName === 'pg'
    const written =
      values.length > 0
        ? text.replaceAll(/\$\d+|\?\d+/g, '?')
        : isPostgres
          ? text.replaceAll('?', '\\?')
          : text
    const query = values.length > 0 ? knex.raw(written, [...values] as Knex.RawBinding[]) : knex.raw(written)
    return rowsOf(await query)
  }
}

function rowsOf(response: unknown): never[] {
  if (typeof response === 'object' && response !== null && 'rows' in response) return response.rows as never[]
  if (!Array.isArray(response)) return []
  // MariaDB's clients give the rows and their columns, or what else the server says.
  return (response.length === 2 && Array.isArray(response[1]) ? response[0] : response) as never[]
}
