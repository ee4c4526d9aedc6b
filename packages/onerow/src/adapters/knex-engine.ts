import type { StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'

/** What onerow calls of `knex.client`; or overrides, on a client of its own that derives from it, as Knex's dialects do. */
export interface KnexClientLike {
  /** The application's settings: one object for an instance and its transactions. */
  readonly config: { readonly postProcessResponse?: unknown }
  readonly driverName: string
  raw(text: string): KnexRawLike
  acquireConnection(): Promise<object>
  releaseConnection(connection: object): Promise<void>
  readonly query: (connection: object, query: KnexQuery) => Promise<KnexQuery>
  customWrapIdentifier(name: string, quote: (name: string) => string): string
  postProcessResponse(rows: readonly object[]): readonly object[]
  _formatBindings(bindings: readonly unknown[]): readonly unknown[]
}

export interface KnexRawLike extends PromiseLike<unknown> {
  toSQL: () => object
}

export interface KnexQuery {
  readonly sql: string
  readonly bindings: readonly unknown[]
  response?: unknown
}

/** What one of Knex's clients needs to run onerow's statements as they are. */
export interface Engine {
  readonly dialect: Dialect
  /** What Knex's client does otherwise for onerow. */
  readonly overrides?: (client: KnexClientLike) => object
  /** The rows in what `knex.raw` gives. */
  readonly rows: (response: never) => readonly StoredRow[]
}

/** @param server which one `mysql2` or `mariadb` is connected to, where the application has said so */
export function engineOf({ driverName }: KnexClientLike, server: 'mysql' | 'mariadb' | undefined): Engine {
  switch (driverName) {
    case 'pg':
      return onPostgres
    case 'better-sqlite3':
      return onSqlite
    case 'mysql2':
      return onMysql(server ?? 'mysql', executeByMysql2)
    case 'mariadb':
      return onMysql(server ?? 'mariadb', executeByMariadb)
  }
  throw new TypeError(
    `onerow/knex runs on Knex's clients pg, better-sqlite3, mysql2 and mariadb, not on "${driverName}".`,
  )
}

const onPostgres: Engine = {
  dialect: postgres,
  rows: ({ rows }: { readonly rows: readonly StoredRow[] }) => rows,
}

const onSqlite: Engine = {
  dialect: sqlite,
  overrides: (client) => ({
    // better-sqlite3 takes the values of `?1`, `?2` … by these names, and refuses a list for them.
    _formatBindings: (bindings: readonly unknown[]) =>
      Object.fromEntries(client._formatBindings(bindings).map((value, index) => [index + 1, value])),
  }),
  // Of a statement without rows, the number of changes.
  rows: (response: readonly StoredRow[] | object) => (Array.isArray(response) ? response : []),
}

type Done = (error: unknown, rows?: unknown) => void
type Execute<Connection> = (connection: Connection, query: KnexQuery, done: Done) => void

function onMysql<Connection extends { query(sql: string, done: Done): void }>(
  server: 'mysql' | 'mariadb',
  execute: Execute<Connection>,
): Engine {
  return {
    dialect: server === 'mariadb' ? mariadb : mysql,
    overrides: () => ({
      _query: (connection: Connection, query: KnexQuery) =>
        new Promise((resolve, reject) => {
          const done: Done = (error, rows) => {
            if (error) return reject(error)
            query.response = [rows]
            resolve(query)
          }
          // Without values by query(), since not every statement can be prepared. With values never: it writes them into the SQL.
          if (query.bindings.length === 0) connection.query(query.sql, done)
          else execute(connection, query, done)
        }),
    }),
    // A statement without rows answers an object with `affectedRows`, which stands for one.
    rows: ([rows]: readonly [StoredRow | readonly StoredRow[]]) => (Array.isArray(rows) ? rows : [rows]),
  }
}

interface Mysql2ConnectionLike {
  query(sql: string, done: Done): void
  execute(sql: string, values: readonly unknown[], done: Done): void
}

function executeByMysql2(connection: Mysql2ConnectionLike, { sql, bindings }: KnexQuery, done: Done): void {
  connection.execute(sql, bindings, done)
}

interface MariadbConnectionLike {
  query(sql: string, done: Done): void
  prepare(sql: string, done: (error: unknown, prepared: MariadbPreparedLike) => void): void
}

interface MariadbPreparedLike {
  execute(values: readonly unknown[], done: Done): void
  close(): void
}

/** Not by the driver's own `execute`: why, says mariadb.ts. */
function executeByMariadb(connection: MariadbConnectionLike, { sql, bindings }: KnexQuery, done: Done): void {
  connection.prepare(sql, (error, prepared) => {
    if (error) return done(error)
    prepared.execute(bindings, (failure, rows) => {
      prepared.close()
      done(failure, rows)
    })
  })
}
