import type { Database, Statement } from '../database.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { driverOf } from './drizzle-driver.ts'
import type { Drizzle } from './drizzle-session.ts'
import { beginTransaction } from './drizzle-transaction.ts'
import { inTurn, openTransaction, sessionDatabase } from './session.ts'

export { drizzleTable } from './drizzle-table.ts'
export type { DrizzleTableLike, DrizzleTableOptions } from './drizzle-table.ts'

/** What Drizzle's databases and transactions have in common; declared here so that onerow does not depend on `drizzle-orm`. */
export interface DrizzleLike {
  readonly _: { readonly fullSchema: object; readonly tableNamesMap: object }
  readonly transaction: (work: never, config?: never) => unknown
}

/** What `db.transaction` hands to its function. On better-sqlite3 that cannot await, and so a call runs on `db` itself. */
type TransactionOf<Db> = Db extends { all(query: string): readonly unknown[] }
  ? Db
  : Db extends { transaction(work: (transaction: infer Transaction) => never): unknown }
    ? Transaction
    : Db

export interface DrizzleOptions {
  /**
   * Which server `drizzle-orm/mysql2` talks to. `'mysql'` unless told, which serves MariaDB too; `'mariadb'` saves a round trip
   * when a row is made, as only MariaDB has `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on a Drizzle database or on its open transaction.
 *
 * @param db from `drizzle()` or `withReplicas()` (then the primary is asked), or what `db.transaction` hands out
 * @returns the database, for `getOrCreate` and its kin; making one costs nothing
 * @throws `TypeError` for a driver that onerow does not know, and inside a transaction of better-sqlite3, which cannot await
 * @example
 * ```ts
 * import { drizzle } from 'drizzle-orm/node-postgres'
 * import { pgTable, serial, text, uniqueIndex } from 'drizzle-orm/pg-core'
 * import { getOrCreate, uniqueKey } from 'onerow'
 * import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
 *
 * const users = pgTable(
 *   'user',
 *   { id: serial().primaryKey(), email: text().notNull(), name: text().notNull() },
 *   (user) => [uniqueIndex('user_email').on(user.email)],
 * )
 * const byEmail = uniqueKey(drizzleTable(users), ['email'], { name: 'user_email' })
 *
 * const db = drizzle('postgres://localhost/app')
 * const { row, created } = await getOrCreate(fromDrizzle(db), byEmail, {
 *   where: { email: 'ada@example.com' },
 *   create: { name: 'Ada' },
 * })
 * ```
 */
export function fromDrizzle<Db extends DrizzleLike>(
  db: Db,
  options: DrizzleOptions = {},
): Database<TransactionOf<Db>> {
  // Drizzle declares neither session nor dialect, and what a transaction is called differs by driver.
  return databaseOf(db as unknown as Drizzle, options) as Database<TransactionOf<Db>>
}

function databaseOf(client: Drizzle, { server = 'mysql', coalesce }: DrizzleOptions): Database<Drizzle> {
  const driver = driverOf(client, server)
  const { dialect, inTransaction, isSynchronous } = driver
  const session = { client, dialect, execute: (statement: Statement) => driver.execute(client, statement) }
  // There is one for each `drizzle()`, and its transactions have it too.
  const pool = client.dialect
  if ('rollback' in client) {
    if (!isSynchronous) return { ...openTransaction(session), pool }
    throw new TypeError(
      "better-sqlite3's transactions cannot await, and so would end before this call does. Use " +
        'transaction(fromDrizzle(db), async (tx) => …) of onerow, and `tx.client` in it.',
    )
  }
  const begin: Database<Drizzle>['begin'] = (work, options) => beginTransaction(client, driver, work, options)
  if (!inTransaction)
    return { ...session, pool, coalesce: coalescing(coalesce), inTransaction: () => false, begin }
  // Several Drizzles may stand on one connection.
  const connection = client.session.client
  const shared = sessionDatabase({ ...session, connection, inTransaction })
  if (isSynchronous) return shared
  return { ...shared, pool, begin: (work, options) => inTurn(connection, () => begin(work, options)) }
}
