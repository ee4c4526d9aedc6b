import type { Database, Statement, StoredRow } from '../database.ts'
import { postgres } from '../dialects/postgres.ts'
import { onConnection, onceOnConnection } from './pg-connection.ts'
import type { PgConnectionLike, PgConnectionsLike } from './pg-connection.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { PgQuery, takesQueries, textsOf } from './pg-query.ts'
import { isPrepared } from './prepared-names.ts'
import { isInTransaction } from './savepoint-probe.ts'
import { sessionDatabase } from './session.ts'

interface PgQueryable {
  query(query: {
    readonly text: string
    readonly values: unknown[]
    readonly name?: string
  }): Promise<PgResult>
}

interface PgResult {
  readonly rows: readonly StoredRow[]
}

/** The part of `pg.Client` and `pg.PoolClient` that onerow calls; declared here so that onerow does not depend on `pg`. */
export interface PgClientLike extends PgQueryable {
  /** What the server last said: 'I' when no transaction is open. Older versions of pg do not have it. */
  getTransactionStatus?(): string | null
}

/** The part of `pg.Pool` that onerow calls. */
export interface PgPoolLike extends PgQueryable, PgConnectionsLike<PgClientLike & PgConnectionLike> {
  readonly totalCount: number
}

/** What `pool.connect()` gives; pg declares a form with a callback beside it. */
type ConnectionOf<Pool> = Pool extends {
  connect: { (): Promise<infer Connection>; (callback: never): void }
}
  ? Connection
  : PgClientLike

/** How to run statements on `pg`. */
export interface PgOptions {
  /** Prepare each statement by name; true unless told. Not for a pooler that hands connections over between statements. */
  readonly prepare?: boolean
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on a `pg` pool, client or open transaction.
 *
 * @example
 * ```ts
 * const { row } = await getOrCreate(fromPg(pool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromPg<Pool extends PgPoolLike>(pool: Pool, options?: PgOptions): Database<ConnectionOf<Pool>>
export function fromPg<Client extends PgClientLike>(client: Client, options?: PgOptions): Database<Client>
export function fromPg(
  client: PgPoolLike | PgClientLike,
  { prepare = true, coalesce }: PgOptions = {},
): Database<PgClientLike> {
  if (!isPool(client)) return fromSession(client, prepare)
  return {
    client,
    dialect: postgres,
    coalesce: coalescing(coalesce),
    execute: (statement) => execute(client, statement, prepare),
    inTransaction: () => false,
    begin: (work, options) =>
      onConnection(client, (connection, hasBegun) =>
        fromSession<PgClientLike>(connection, prepare).begin((tx) => {
          hasBegun()
          return work(tx)
        }, options),
      ),
  }
}

function isPool(client: PgPoolLike | PgClientLike): client is PgPoolLike {
  return 'totalCount' in client
}

function fromSession<Client extends PgClientLike>(client: Client, prepare: boolean): Database<Client> {
  const run = async (statement: Statement): Promise<readonly StoredRow[]> => {
    const isNamed = prepare && !withStalePlans.has(client) && isPrepared(client, statement.name)
    try {
      return await new Promise((resolve, reject) =>
        send(client, isNamed ? statement : withoutName(statement), (error, result) =>
          result ? resolve(result.rows) : reject(error),
        ),
      )
    } catch (error) {
      // The transaction is lost with it, but not the next one on this connection.
      if (isStalePlan(error)) withStalePlans.add(client)
      throw retraced(error)
    }
  }
  // Asked of the server, not of the client's last status: a BEGIN may be on its way, not awaited.
  return sessionDatabase({
    client,
    dialect: postgres,
    execute: run,
    inTransaction: () => isInTransaction(run),
  })
}

/** Runs a statement that commits by itself; on connections that a pool chooses. */
function execute(pool: PgPoolLike, statement: Statement, prepare: boolean): Promise<readonly StoredRow[]> {
  const run = (sent: Statement) =>
    onceOnConnection<PgClientLike & PgConnectionLike, readonly StoredRow[]>(pool, (connection, answer) =>
      send(connection, sent, (error, result) => answer(error, result?.rows)),
    )
  const isNamed = prepare && isPrepared(pool, statement.name)
  return run(isNamed ? statement : withoutName(statement)).catch((error: unknown) => {
    if (!isStalePlan(error)) throw retraced(error)
    return run(withoutName(statement)).catch((again: unknown) => {
      throw retraced(again)
    })
  })
}

function withoutName({ text, values }: Statement): Statement {
  return { text, values }
}

/** Sends a statement, which is prepared if it has a name. */
function send(
  client: PgClientLike,
  { text, values, name }: Statement,
  answer: (error: unknown, result?: PgResult) => void,
): void {
  if (name !== undefined && takesQueries(client)) {
    const texts = textsOf(values)
    if (texts) {
      client.query(new PgQuery(client, { name, text, values: texts }, answer))
      return
    }
  }
  const sent = { text, values: [...values], ...(name !== undefined && { name }) }
  client.query(sent).then((result) => answer(null, result), answer)
}

/** With a stack that leads to whoever called, as pg's own promises give it, and not to the socket. */
function retraced(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace?.(error, retraced)
  return error
}

// A column has changed its type since the statement was prepared, and PostgreSQL keeps to the old plan's columns for as
// long as the connection has that name: from then on the connection does without names.
const withStalePlans = new WeakSet<PgQueryable>()

function isStalePlan(error: unknown): boolean {
  return error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery'
}
