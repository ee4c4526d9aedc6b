import type { Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'

/** What Drizzle's databases and transactions hold at run time; its types keep silent about most of it. Seen in 0.45. */
export interface Drizzle {
  /** One object for a database and all its transactions. */
  readonly dialect: object
  readonly session: DrizzleSession
  /** On PostgreSQL. */
  execute(query: DrizzleQuery): Promise<readonly StoredRow[] | { readonly rows: readonly StoredRow[] }>
  /** On SQLite. */
  all(query: DrizzleQuery): readonly StoredRow[]
  run(query: DrizzleQuery): unknown
  readonly transaction: RunTransaction
}

export interface DrizzleSession {
  /** The driver's pool or connection. */
  readonly client: object
  /** On libsql: the driver's transaction. */
  readonly tx?: object | undefined
  execute(query: DrizzleQuery): Promise<readonly unknown[]>
  all(query: DrizzleQuery): Promise<readonly StoredRow[]>
  readonly transaction: RunTransaction
}

export type RunTransaction = (
  work: (tx: Drizzle) => Promise<void>,
  config?: { readonly isolationLevel: string },
) => Promise<void>

/** All that Drizzle asks of an `SQL` object that is not part of another one. */
interface DrizzleQuery {
  getSQL(): DrizzleQuery
  toQuery(): { readonly sql: string; readonly params: readonly unknown[] }
}

/** How Drizzle is to be used on one of its drivers. */
export interface DrizzleDriver {
  readonly dialect: Dialect
  readonly execute: (db: Drizzle, statement: Statement) => Promise<readonly StoredRow[]>
  /** Instead of Drizzle's own. */
  readonly transaction?: RunTransaction
  /** On one connection: whether the caller has begun a transaction there by hand. A pool has none. */
  readonly inTransaction?: () => boolean | Promise<boolean>
  /** Where it must not be told that the work has failed, when that was for want of a connection. */
  readonly isConnectionLoss?: (error: unknown) => boolean
  /** Its transactions cannot await. */
  readonly isSynchronous?: true
}

/** A statement of onerow's as Drizzle takes it. */
export function queryOf({ text, values }: Statement, params: readonly unknown[] = [...values]): DrizzleQuery {
  const query: DrizzleQuery = { getSQL: () => query, toQuery: () => ({ sql: text, params }) }
  return query
}

/** The session on something else than its driver's client, and with all else that it has: Drizzle's logger, its own errors. */
export function sessionOn(
  session: DrizzleSession,
  parts: { readonly client: object } | { readonly tx: object },
): DrizzleSession {
  const properties = Object.entries(parts).map(([name, value]) => [name, { value }])
  return Object.create(session, Object.fromEntries(properties))
}

/** Drizzle wraps the error of the driver. */
export async function unwrapped<Result>(running: Promise<Result>): Promise<Result> {
  try {
    return await running
  } catch (error) {
    throw error instanceof Error && error.cause ? error.cause : error
  }
}
