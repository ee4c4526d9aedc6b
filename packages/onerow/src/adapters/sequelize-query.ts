import type { Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { fromMariadb } from './mariadb.ts'
import type { MariadbLike } from './mariadb.ts'
import { fromMysql2 } from './mysql2.ts'
import type { Mysql2Like } from './mysql2.ts'
import { fromPg } from './pg.ts'
import type { PgClientLike } from './pg.ts'

/** The part of a `Sequelize` that onerow calls to run a statement. */
export interface SequelizeQueryable {
  readonly connectionManager: {
    getConnection(options: { readonly type: 'write' }): Promise<object>
    releaseConnection(connection: object): void
  }
  getDialect(): string
  query(sql: string, options: object): Promise<unknown>
}

/** What a transaction of Sequelize has (lib/transaction.js) and its types do not tell. */
export interface OpenTransaction {
  readonly connection: object
  /** How it has ended, if it has. */
  readonly finished?: string
  readonly rollback?: () => Promise<void>
}

/** A statement, and the transaction to send it in. Without one it goes to a connection of the pool. */
interface Sending {
  readonly statement: Statement
  readonly transaction?: OpenTransaction | undefined
}

interface SendingInTransaction extends Sending {
  readonly transaction: OpenTransaction
}

/** How to talk to what Sequelize calls a dialect. */
export interface Engine {
  readonly dialect: Dialect
  /** Runs a statement on a connection of the driver, its values bound. */
  readonly run: (connection: never, statement: Statement) => Promise<readonly StoredRow[]>
  /** Frees a connection that Sequelize has not freed when its transaction failed. */
  readonly letGo?: (transaction: OpenTransaction, error: unknown) => Promise<void>
}

/** @throws `TypeError` for a dialect of Sequelize that onerow does not know */
export function engineOf(sequelize: SequelizeQueryable, server: 'mysql' | 'mariadb' = 'mysql'): Engine {
  const name = sequelize.getDialect()
  const engine = engines[name === 'mysql' && server === 'mariadb' ? 'mysql on mariadb' : name]
  if (engine) return engine
  throw new TypeError(
    `onerow does not know Sequelize's dialect "${name}", only postgres, mariadb, mysql and sqlite.`,
  )
}

const engines: Readonly<Record<string, Engine>> = {
  postgres: {
    dialect: postgres,
    // Sequelize names no statement, so that it can run behind a pooler that hands connections over between statements.
    run: (client: PgClientLike, statement) => fromPg(client, { prepare: false }).execute(statement),
  },
  mariadb: {
    dialect: mariadb,
    run: (connection: MariadbLike, statement) => fromMariadb(connection).execute(statement),
  },
  mysql: { dialect: mysql, run: runMysql2 },
  'mysql on mariadb': { dialect: mariadb, run: runMysql2 },
  sqlite: { dialect: sqlite, run: runSqlite3, letGo },
}

/** The part of a connection of `mysql2`, its side with callbacks, that onerow calls. */
interface Mysql2CallbackLike {
  promise(): Mysql2Like
}

function runMysql2(connection: Mysql2CallbackLike, statement: Statement): Promise<readonly StoredRow[]> {
  return fromMysql2(connection.promise()).execute(statement)
}

/** The part of a `Database` of `sqlite3` that onerow calls. */
interface Sqlite3Like {
  all(
    text: string,
    values: readonly unknown[],
    callback: (error: Error | null, rows: readonly StoredRow[]) => void,
  ): void
}

function runSqlite3(database: Sqlite3Like, { text, values }: Statement): Promise<readonly StoredRow[]> {
  return new Promise((resolve, reject) => {
    // sqlite3 binds NULL for a bigint, without a word; Sequelize makes a string of it.
    const bindable = values.map((value) => (typeof value === 'bigint' ? String(value) : value))
    database.all(text, bindable, (error, rows) => (error ? reject(error) : resolve(rows)))
  })
}

/**
 * A COMMIT that SQLite refuses, for a deferred foreign key, leaves the transaction open. Sequelize then forgets its connection
 * (its pool never knew it), and with it the lock on the database.
 */
async function letGo({ connection, finished }: OpenTransaction, error: unknown): Promise<void> {
  // Set before COMMIT is sent. After a rollback the connection is closed.
  if (finished !== 'commit') return
  // Otherwise it is a hook of `afterCommit` that has failed. In memory, where all have one connection, the transaction that is
  // open by then is somebody else's.
  if ((error as { readonly sql?: unknown } | undefined)?.sql !== 'COMMIT;') return
  await runSqlite3(connection as Sqlite3Like, { text: 'rollback', values: [] }).catch(() => undefined)
}

/** Runs a statement in the transaction, or without one on a connection of the pool. */
export async function run(
  sequelize: SequelizeQueryable,
  engine: Engine,
  { statement, transaction }: Sending,
): Promise<readonly StoredRow[]> {
  if (transaction) return query(sequelize, engine, { statement, transaction })
  const { connectionManager } = sequelize
  // Never one for reading: with replicas, that leads to a server which may not have the row yet.
  const connection = await connectionManager.getConnection({ type: 'write' })
  try {
    return await query(sequelize, engine, { statement, transaction: { connection } })
  } finally {
    connectionManager.releaseConnection(connection)
  }
}

/**
 * Has Sequelize run the statement, so that it logs it, calls its hooks and makes its own errors of the driver's. But not with
 * its `bind`, which rewrites a `$1` wherever it stands, in a literal too, and on MariaDB writes the values into the SQL: what
 * it gets for a connection sends the statement as the driver binds values, and keeps the rows.
 */
async function query(
  sequelize: SequelizeQueryable,
  engine: Engine,
  { statement, transaction }: SendingInTransaction,
): Promise<readonly StoredRow[]> {
  let rows: readonly StoredRow[] = []
  const { connection, finished } = transaction
  const sending = sendingConnection(connection, async () => {
    // Sequelize's types say `object`; it is a connection of the driver of this dialect.
    rows = await engine.run(connection as never, statement)
  })
  await sequelize.query(statement.text, {
    type: 'RAW',
    raw: true,
    // Otherwise the dialect sqlite asks for the columns of a table, whose name it takes from the text.
    tableNames: [],
    supportsSearchPath: false,
    // After a deadlock the dialects mariadb and mysql call `rollback`, so that the transaction knows its end.
    transaction: { connection: sending, finished, rollback: () => transaction.rollback?.() },
  })
  return rows
}

/** The connection, but whatever way there is to send a statement, it sends the one that it was made for. */
function sendingConnection(connection: object, send: () => Promise<void>): object {
  const sendInstead = (...given: readonly unknown[]): unknown => {
    const sent = send()
    const tell = given.at(-1)
    // The driver mariadb answers a promise, the others call back. The rows are kept, so Sequelize gets none to make anything of.
    if (typeof tell !== 'function') return sent.then(() => [])
    void told(sent, (error) => void tell(error, []))
    // mysql2 answers an event emitter.
    return { setMaxListeners: () => undefined }
  }
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'query' || name === 'execute' || name === 'all' || name === 'run') return sendInstead
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function told(sent: Promise<void>, tell: (error: unknown) => void): Promise<void> {
  try {
    await sent
  } catch (error) {
    return tell(error)
  }
  tell(null)
}
