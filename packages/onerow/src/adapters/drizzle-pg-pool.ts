import { sessionOn } from './drizzle-session.ts'
import type { DrizzleSession, RunTransaction } from './drizzle-session.ts'
import { onConnection } from './pg-connection.ts'
import type { PgConnectionLike, PgConnectionsLike } from './pg-connection.ts'

type PgPool = PgConnectionsLike<PgConnectionLike>

/** A pool of `pg` counts its connections. */
export function isPgPool(client: object): client is PgPool {
  return 'totalCount' in client
}

/**
 * A transaction of Drizzle's on a connection that is taken here. The one that Drizzle 0.45 takes itself is never given back
 * when its BEGIN fails; and nobody listens for its 'error' event, which ends the process when the connection is lost.
 */
export function transactionOnPgPool(
  session: DrizzleSession,
  pool: PgPool,
  [work, config]: Parameters<RunTransaction>,
): Promise<void> {
  return onConnection(pool, (connection, hasBegun) =>
    sessionOn(session, { client: connection }).transaction((tx) => {
      hasBegun()
      return work(tx)
    }, config),
  )
}
