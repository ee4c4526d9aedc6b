import type { BeginOptions, Database, Statement, StoredRow } from '../database.ts'
import { isolationClause, postgres } from '../dialects/postgres.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { isPrepared } from './prepared-names.ts'
import { isInTransaction } from './savepoint-probe.ts'
import { openTransaction, runWork, sessionDatabase } from './session.ts'

/** The part of postgres.js's `sql` that onerow calls; declared here so that onerow does not depend on `postgres`. */
export interface PostgresJsLike {
  unsafe(
    text: string,
    values: never[],
    options: { readonly prepare: boolean },
  ): PromiseLike<readonly StoredRow[]>
}

/** The part of postgres.js's pooling `sql` that onerow calls. */
export interface PostgresJsPoolLike extends PostgresJsLike {
  readonly options: {
    readonly prepare: boolean
    readonly transform: { readonly column: { readonly from?: ((name: string) => string) | undefined } }
  }
  begin(options: string, work: (sql: PostgresJsLike) => Promise<unknown>): Promise<unknown>
}

/** What `sql.begin` hands to its function; postgres.js declares a form without options beside it. */
type TransactionOf<Sql> = Sql extends {
  begin: { (work: never): unknown; (options: string, work: (sql: infer Transaction) => unknown): unknown }
}
  ? Transaction
  : PostgresJsLike

/** How to run statements on postgres.js. */
export interface PostgresJsOptions {
  /** Prepare each statement; true unless told. Not for a pooler that hands connections over between statements. */
  readonly prepare?: boolean
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on postgres.js: on its `sql`, on a reserved connection, or on the `sql` of an open transaction.
 *
 * @example
 * ```ts
 * const { row } = await getOrCreate(fromPostgresJs(sql), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromPostgresJs<Sql extends PostgresJsLike & { release(): void }>(
  reserved: Sql,
  options?: PostgresJsOptions,
): Database<Sql>
export function fromPostgresJs<Sql extends PostgresJsPoolLike>(
  sql: Sql,
  options?: PostgresJsOptions,
): Database<TransactionOf<Sql>>
export function fromPostgresJs<Sql extends PostgresJsLike>(
  transaction: Sql,
  options?: PostgresJsOptions,
): Database<Sql>
export function fromPostgresJs(
  sql: PostgresJsLike | PostgresJsPoolLike,
  { prepare = true, coalesce }: PostgresJsOptions = {},
): Database<PostgresJsLike> {
  const session = sessionOf(sql, prepare)
  if ('savepoint' in sql) return openTransaction(session)
  // A reserved connection has no begin of its own, and may be in a transaction that was opened by hand.
  if (!('begin' in sql))
    return sessionDatabase({ ...session, inTransaction: () => isInTransaction(session.execute) })
  if (!prepare && sql.options.prepare)
    throw new TypeError(
      'This `sql` prepares its own BEGIN and COMMIT, and a pooler that hands connections over between transactions makes a ' +
        'ROLLBACK of such a COMMIT, without an error. Say it to postgres.js itself: postgres(url, { prepare: false }).',
    )
  // onerow names each column as its property is named, and a transform must leave that as it is.
  if ((sql.options.transform.column.from?.('onerow') ?? 'onerow') !== 'onerow')
    throw new TypeError(
      'This `sql` renames the columns of every result (postgres.pascal or the like), and so those of onerow. ' +
        'Use a `sql` without that transform for onerow.',
    )
  return {
    ...session,
    coalesce: coalescing(coalesce),
    inTransaction: () => false,
    begin: (work, options) => begin(sql, prepare, work, options),
  }
}

async function begin<Result>(
  sql: PostgresJsPoolLike,
  prepare: boolean,
  work: (transaction: Database<PostgresJsLike>) => Promise<Result>,
  { isolation }: BeginOptions = {},
): Promise<Result> {
  // postgres.js gives back what the work gives, but unwraps arrays of promises: so the result goes around it.
  let result: { readonly of: Result } | undefined
  let lost: { readonly error: unknown } | undefined
  const ended = sql.begin(isolationClause(isolation), async (transaction) => {
    const session = sessionOf(transaction, prepare, sql)
    const execute = async (statement: Statement) => {
      if (lost) throw lost.error
      return session.execute(statement).catch((error: unknown) => {
        if (isConnectionLoss(error)) lost ??= { error }
        throw error
      })
    }
    try {
      result = { of: await runWork({ ...session, execute }, work) }
    } finally {
      // Told that the work has ended, postgres.js 3.4 would send COMMIT or ROLLBACK: on a socket that is gone, and the write
      // ends the process (connection.js, nextWrite); or into the transaction of another, for whom it has opened the
      // connection anew. Untold, it rejects all the same: `begin` also waits for the connection's close.
      if (lost) await new Promise(() => {})
    }
  })
  try {
    await ended
  } catch (error) {
    // The work may be running still; its statements must not be sent.
    lost = { error }
    throw error
  }
  if (!result) throw new TypeError('postgres.js ended the transaction without running it.')
  return result.of
}

/** CONNECTION_CLOSED and the like are postgres.js's own codes, ECONNRESET and the like the socket's. */
function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(CONNECTION_|E[A-Z]{4,}$)/.test(String(error.code))
}

function sessionOf(sql: PostgresJsLike, prepare: boolean, pool: WeakKey = sql) {
  return {
    client: sql,
    dialect: postgres,
    execute: async ({ text, values, name }: Statement): Promise<readonly StoredRow[]> =>
      // `never[]`: postgres.js lists the types that it can serialize, and refuses the others itself at run time.
      sql.unsafe(text, [...values] as never[], { prepare: prepare && isPrepared(pool, name) }),
  }
}
