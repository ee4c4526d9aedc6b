import type { Database, Statement, StoredRow } from '../database.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import type { CoalesceOption } from './coalescing.ts'
import { mysqlDatabase, release } from './mysql-database.ts'
import type { MysqlPoolLike } from './mysql-database.ts'

/** The part of a `mariadb` connection that onerow calls; declared here so that onerow does not depend on `mariadb`. */
export interface MariadbLike {
  query(text: string): Promise<unknown>
  prepare(text: string): Promise<{ execute(values: unknown[]): Promise<unknown>; close(): void }>
}

/** The part of a `mariadb` pool that onerow calls. */
export interface MariadbPoolLike<Connection extends MariadbLike> extends MysqlPoolLike<Connection> {
  query(text: string): Promise<unknown>
}

type MariadbClient = MariadbLike | MariadbPoolLike<MariadbLike>

export interface MariadbOptions {
  /** Which server it is; `'mariadb'` unless told. */
  readonly server?: 'mariadb' | 'mysql'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on a pool, connection or open transaction of the `mariadb` driver.
 *
 * @example
 * ```ts
 * const { row } = await getOrCreate(fromMariadb(mariadbPool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromMariadb<Connection extends MariadbLike>(
  pool: MariadbPoolLike<Connection>,
  options?: MariadbOptions,
): Database<Connection>
export function fromMariadb<Connection extends MariadbLike>(
  connection: Connection,
  options?: MariadbOptions,
): Database<Connection>
export function fromMariadb(
  client: MariadbClient,
  { server = 'mariadb', coalesce }: MariadbOptions = {},
): Database<MariadbClient> {
  return mysqlDatabase<MariadbClient>(client, {
    dialect: server === 'mariadb' ? mariadb : mysql,
    run,
    coalesce,
  })
}

async function run(client: MariadbClient, statement: Statement): Promise<readonly StoredRow[]> {
  const { text, values } = statement
  // Without values by query(), since not every statement can be prepared. With values never: it writes them into the SQL.
  const rows = values.length === 0 ? await client.query(text) : await execute(client, statement)
  // A statement without rows answers an object with `affectedRows`, which stands for one.
  return (Array.isArray(rows) ? rows : [rows]) as readonly StoredRow[]
}

/**
 * Has a statement prepared, and then executed. The driver's own `execute` (3.5) sends both at once, the second for "what was
 * prepared last": when the server refuses the first, as a Galera node does with 1213, an older statement is executed, and
 * its unexpected answer ends the process.
 */
async function execute(client: MariadbClient, statement: Statement): Promise<unknown> {
  if ('getConnection' in client) {
    const connection = await client.getConnection()
    try {
      return await execute(connection, statement)
    } finally {
      await release(connection)
    }
  }
  const prepared = await client.prepare(statement.text)
  try {
    return await prepared.execute([...statement.values])
  } finally {
    // Back into the connection's cache, whose length the driver's `prepareCacheLength` says.
    prepared.close()
  }
}
