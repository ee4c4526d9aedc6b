import type { BeginOptions, Database, IsolationLevel, Statement } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { executeOnKysely, sqlStyleOf, withNamelessPlaceholders, withoutEscapes } from './kysely-statement.ts'
import type { KyselyQueryable } from './kysely-statement.ts'
import { openTransaction, runWork } from './session.ts'

export { kyselyTable } from './kysely-table.ts'
export type { KyselyInsertLike, KyselyTableOptions } from './kysely-table.ts'

/** The part of `Kysely` that onerow calls; declared here so that onerow does not depend on `kysely`. */
export interface KyselyLike extends KyselyQueryable {
  readonly isTransaction: boolean
  transaction(): TransactionBuilderLike
}

/** The part of a `Transaction` of Kysely that onerow calls, a controlled one included. */
export interface KyselyTransactionLike extends KyselyLike {
  readonly isTransaction: true
}

interface TransactionBuilderLike {
  setIsolationLevel(isolation: IsolationLevel): TransactionBuilderLike
  execute<Result>(work: (transaction: KyselyTransactionLike) => Promise<Result>): Promise<Result>
}

/** What `db.transaction().execute()` passes to its callback. */
type TransactionOf<Client extends KyselyLike> = Parameters<
  Parameters<ReturnType<Client['transaction']>['execute']>[0]
>[0]

/** What a Kysely does not tell of its engine. */
export interface KyselyOptions {
  /**
   * Which server a MySQL dialect talks to. `'mysql'` unless told, which serves MariaDB too; `'mariadb'` saves a round trip
   * when a row is made, as only MariaDB has `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on a `Kysely` or an open transaction of it.
 *
 * @throws `TypeError` when its dialect is for another engine than PostgreSQL, SQLite, MariaDB and MySQL
 * @example
 * ```ts
 * import { type Generated, Kysely, PostgresDialect } from 'kysely'
 * import { getOrCreate, uniqueKey } from 'onerow'
 * import { fromKysely, kyselyTable } from 'onerow/kysely'
 * import { Pool } from 'pg'
 *
 * interface Database {
 *   race: { id: Generated<number>; user_id: string; name: string }
 * }
 * const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool() }) })
 * const races = kyselyTable(db.insertInto('race'), ['id', 'user_id', 'name'])
 * const byUser = uniqueKey(races, ['user_id'], { name: 'race_user_id' })
 *
 * await db.transaction().execute(async (trx) => {
 *   const { row } = await getOrCreate(fromKysely(trx), byUser, { where: { user_id: 'a' }, create: { name: 'foo' } })
 *   await trx.updateTable('race').set({ name: 'bar' }).where('id', '=', row.id).execute()
 * })
 * ```
 */
export function fromKysely<Transaction extends KyselyTransactionLike>(
  transaction: Transaction,
  options?: KyselyOptions,
): Database<Transaction>
export function fromKysely<Client extends KyselyLike>(
  db: Client,
  options?: KyselyOptions,
): Database<TransactionOf<Client>>
export function fromKysely(
  client: KyselyLike,
  { server = 'mysql', coalesce }: KyselyOptions = {},
): Database<KyselyLike> {
  const { dialect, written } = engineOf(client, server)
  const { adapter: pool } = client.getExecutor()
  const sessionOn = (db: KyselyLike) => ({
    client: db,
    dialect,
    execute: (statement: Statement) => executeOnKysely(db, written(statement)),
  })
  if (client.isTransaction) return { ...openTransaction(sessionOn(client)), pool }
  return {
    ...sessionOn(client),
    pool,
    coalesce: coalescing(coalesce),
    inTransaction: () => false,
    begin: (work, options) =>
      begin(client, options, async (transaction) => {
        if (dialect === sqlite) await lockNow(transaction)
        return runWork(sessionOn(transaction), (session) => work({ ...session, pool }))
      }),
  }
}

interface Engine {
  readonly dialect: Dialect
  /** The statement as Kysely's driver for the engine takes it. */
  readonly written: (statement: Statement) => Statement
}

function engineOf(client: KyselyQueryable, server: 'mysql' | 'mariadb'): Engine {
  const style = sqlStyleOf(client)
  switch (style) {
    case '"a" $1':
      return { dialect: postgres, written: (statement) => statement }
    case '"a" ?':
      return { dialect: sqlite, written: withNamelessPlaceholders }
    case '`a` ?':
      return { dialect: server === 'mariadb' ? mariadb : mysql, written: withoutEscapes }
    default:
      throw new TypeError(
        `onerow/kysely works with Kysely's dialects for PostgreSQL, SQLite, MariaDB and MySQL; this one writes ${style}.`,
      )
  }
}

/** Kysely's own transaction. When its rollback fails too, it rejects with that; but what `work` rejected with tells more. */
async function begin<Result>(
  db: KyselyLike,
  { isolation }: BeginOptions = {},
  work: (transaction: KyselyTransactionLike) => Promise<Result>,
): Promise<Result> {
  const builder = isolation === undefined ? db.transaction() : db.transaction().setIsolationLevel(isolation)
  let failed: { readonly error: unknown } | undefined
  try {
    return await builder.execute((transaction) =>
      work(transaction).catch((error: unknown) => {
        failed = { error }
        throw error
      }),
    )
  } catch (error) {
    throw failed ? failed.error : error
  }
}

/**
 * Kysely's BEGIN takes no lock in SQLite, and a transaction that has read by the time it writes fails instead of waiting
 * (SQLITE_BUSY_SNAPSHOT). Nothing has been done in it yet: so it becomes one that holds the lock.
 */
async function lockNow(transaction: KyselyQueryable): Promise<void> {
  const run = (text: string) => executeOnKysely(transaction, { text, values: [] })
  await run('commit')
  try {
    await run('begin immediate')
  } catch (error) {
    // Kysely is about to roll back, and would tell that there is no transaction instead of this.
    await run('begin')
    throw error
  }
}
