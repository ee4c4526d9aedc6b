/** The part of `pg.Pool` that gives connections. */
export interface PgConnectionsLike<Connection extends PgConnectionLike> {
  connect(callback: (error: Error | undefined, connection: Connection | undefined) => void): void
}

/** The part of `pg.PoolClient` that lending it needs. */
export interface PgConnectionLike {
  /** What the server last said: 'I' when no transaction is open. Older versions of pg do not have it. */
  getTransactionStatus?(): string | null
  release(destroy?: boolean): void
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

/**
 * Runs a transaction on a connection of the pool's; gives it back only if it is fit for the next user.
 *
 * @param run calls its second argument as soon as the transaction has begun
 */
export async function onConnection<Connection extends PgConnectionLike, Result>(
  pool: PgConnectionsLike<Connection>,
  run: (connection: Connection, hasBegun: () => void) => Promise<Result>,
): Promise<Result> {
  const connection = await connectionOf(pool)
  let [begun, ended] = [false, false]
  try {
    const result = await run(connection, () => (begun = true))
    ended = true
    return result
  } finally {
    connection.off('error', ignore)
    // A BEGIN for whose answer the client did not wait (`query_timeout`) may be on its way still, and the status is of before.
    const isIdle = ended || (begun && connection.getTransactionStatus?.() === 'I')
    connection.release(!isIdle)
  }
}

/**
 * Runs one statement on a connection of the pool's, with callbacks, as a promise for each step would take as long as all else.
 *
 * @param run calls its second argument once, with an error or with null and a result
 */
export function onceOnConnection<Connection extends PgConnectionLike, Result>(
  pool: PgConnectionsLike<Connection>,
  run: (connection: Connection, answer: (error: unknown, result?: Result) => void) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    lend(pool, reject, (connection) => {
      const answer = (error: unknown, result?: Result) => {
        connection.off('error', ignore)
        if (result === undefined) reject(error)
        else resolve(result)
        // Last, as it runs whoever waits for the connection.
        connection.release(result === undefined && !isAsBefore(connection, error))
      }
      try {
        run(connection, answer)
      } catch (error) {
        answer(error)
      }
    })
  })
}

/**
 * Whether a statement that commits by itself has left its connection as it was, although it failed. The pool's own query gives up a
 * connection after any error; so does this, but after those that tell of a value, or that a table or an index is not there: who
 * meets them goes on calling, and each call would cost a new connection.
 */
function isAsBefore(connection: PgConnectionLike, error: unknown): boolean {
  if (connection.getTransactionStatus?.() !== 'I') return false
  return error instanceof Error && 'code' in error && endsStatementOnly.test(String(error.code))
}

/** Data exceptions, integrity violations, an undefined table, and no index for a conflict target (PostgreSQL manual, appendix A). */
const endsStatementOnly = /^(?:22|23)...$|^42P01$|^42P10$/

function connectionOf<Connection extends PgConnectionLike>(
  pool: PgConnectionsLike<Connection>,
): Promise<Connection> {
  return new Promise((resolve, reject) => lend(pool, reject, resolve))
}

/**
 * Gives a connection of the pool. When it is lost, the query under way is rejected, which tells; but that is also an 'error'
 * event, for which the pool does not listen while the connection is handed out, and which then would end the process. The
 * form with a callback leaves no moment between the two listeners, as an `await` would.
 */
function lend<Connection extends PgConnectionLike>(
  pool: PgConnectionsLike<Connection>,
  refuse: (error: unknown) => void,
  give: (connection: Connection) => void,
): void {
  pool.connect((error, connection) => {
    if (!connection) return refuse(error ?? new TypeError('The pool gave no connection.'))
    connection.on('error', ignore)
    give(connection)
  })
}

function ignore(): void {}
