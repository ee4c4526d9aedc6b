import type { Database, Statement, StoredRow } from '../database.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import type { CoalesceOption } from './coalescing.ts'
import { mysqlDatabase } from './mysql-database.ts'
import type { MysqlPoolLike } from './mysql-database.ts'

/** The part of a `mysql2/promise` connection that onerow calls; declared here so that onerow does not depend on `mysql2`. */
export interface Mysql2Like {
  query(text: string): Promise<readonly [unknown, ...unknown[]]>
  execute(text: string, values: never[]): Promise<readonly [unknown, ...unknown[]]>
}

/** The part of a `mysql2/promise` pool that onerow calls. */
export interface Mysql2PoolLike<Connection extends Mysql2Like>
  extends Mysql2Like, MysqlPoolLike<Connection> {}

export interface Mysql2Options {
  /**
   * Which server it is. `'mysql'` unless told, which serves MariaDB too; `'mariadb'` saves a round trip when a row is made,
   * as only MariaDB has `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on a pool, connection or open transaction of `mysql2/promise`.
 *
 * @example
 * ```ts
 * const { row } = await getOrCreate(fromMysql2(mysqlPool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromMysql2<Connection extends Mysql2Like>(
  pool: Mysql2PoolLike<Connection>,
  options?: Mysql2Options,
): Database<Connection>
export function fromMysql2<Connection extends Mysql2Like>(
  connection: Connection,
  options?: Mysql2Options,
): Database<Connection>
export function fromMysql2(
  client: Mysql2Like | Mysql2PoolLike<Mysql2Like>,
  { server = 'mysql', coalesce }: Mysql2Options = {},
): Database<Mysql2Like> {
  return mysqlDatabase(client, { dialect: server === 'mariadb' ? mariadb : mysql, run, coalesce })
}

async function run(client: Mysql2Like, { text, values }: Statement): Promise<readonly StoredRow[]> {
  // Without values by query(), since not every statement can be prepared. With values never: it writes them into the SQL.
  const [rows] =
    values.length === 0 ? await client.query(text) : await client.execute(text, [...values] as never[])
  // A statement without rows answers an object with `affectedRows`, which stands for one.
  return (Array.isArray(rows) ? rows : [rows]) as readonly StoredRow[]
}
