import { causes } from '../causes.ts'
import type { Statement, StoredRow } from '../database.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { libsqlDriver } from './drizzle-libsql.ts'
import { mysql2Driver } from './drizzle-mysql2.ts'
import { isPgPool, transactionOnPgPool } from './drizzle-pg-pool.ts'
import { queryOf } from './drizzle-session.ts'
import type { Drizzle, DrizzleDriver } from './drizzle-session.ts'
import { isInTransaction } from './savepoint-probe.ts'

/** @throws `TypeError` for a driver that onerow does not know */
export function driverOf(db: Drizzle, server: 'mysql' | 'mariadb'): DrizzleDriver {
  if (kindOf(db.dialect) === 'PgDialect') return postgresDriver(db)
  const session = kindOf(db.session)
  if (session === 'MySql2Session') return mysql2Driver(db, server === 'mariadb' ? mariadb : mysql)
  if (session === 'LibSQLSession') return libsqlDriver(db)
  if (session === 'BetterSQLiteSession') return betterSqlite3Driver(db)
  throw new TypeError(
    `onerow/drizzle runs on Drizzle for PostgreSQL, mysql2, better-sqlite3 and libsql; this is ${session ?? 'no Drizzle'}.`,
  )
}

/** The name that each class of Drizzle bears, so that it is known from whichever copy of Drizzle it comes. */
function kindOf(part: object | undefined): string | undefined {
  const kind: unknown = part && Reflect.get(part.constructor, Symbol.for('drizzle:entityKind'))
  return typeof kind === 'string' ? kind : undefined
}

function postgresDriver(db: Drizzle): DrizzleDriver {
  const { client } = db.session
  const execute = async (on: Drizzle, statement: Statement): Promise<readonly StoredRow[]> => {
    const result = await on.execute(queryOf(statement))
    return 'rows' in result ? result.rows : result
  }
  const driver: DrizzleDriver = { dialect: postgres, execute }
  if (isPgPool(client))
    return { ...driver, transaction: (...options) => transactionOnPgPool(db.session, client, options) }
  if (kindOf(db.session) === 'PostgresJsSession') return { ...driver, isConnectionLoss }
  // A `pg.Client`, a `pg.PoolClient`, a PGlite.
  if (!('query' in client)) return driver
  return { ...driver, inTransaction: () => isInTransaction((probe) => execute(db, probe)) }
}

/** CONNECTION_CLOSED and the like are postgres.js's own codes, ECONNRESET and the like the socket's. */
function isConnectionLoss(error: unknown): boolean {
  return [...causes(error)].some((fields) => /^(CONNECTION_|E[A-Z]{4,}$)/.test(String(fields['code'])))
}

function betterSqlite3Driver(db: Drizzle): DrizzleDriver {
  const client = db.session.client as { readonly inTransaction: boolean }
  return {
    dialect: sqlite,
    async execute(on, statement) {
      // better-sqlite3 takes `?1` for a parameter with the name "1", and refuses a list for it.
      const named = Object.fromEntries(statement.values.map((value, index) => [index + 1, value]))
      const query = queryOf(statement, [named])
      if (!/^(begin|commit|rollback|savepoint|release)/.test(statement.text)) return on.all(query)
      // It refuses `all` for what answers no rows.
      on.run(query)
      return []
    },
    inTransaction: () => client.inTransaction,
    isSynchronous: true,
  }
}
