import type { BeginOptions, Database, Statement, StoredRow } from '../database.ts'
import type { Drizzle, DrizzleDriver } from './drizzle-session.ts'
import { runWork } from './session.ts'

/** Runs `work` in a transaction of Drizzle's own. */
export async function beginTransaction<Result>(
  db: Drizzle,
  { dialect, execute, isConnectionLoss, transaction = db.transaction.bind(db) }: DrizzleDriver,
  work: (transaction: Database<Drizzle>) => Promise<Result>,
  { isolation }: BeginOptions = {},
): Promise<Result> {
  // Refuses a level that it does not know; Drizzle would write that into the SQL.
  dialect.begin(isolation)
  let ended: { readonly result: Result } | { readonly error: unknown } | undefined
  let lost: { readonly error: unknown } | undefined
  const run = async (tx: Drizzle): Promise<void> => {
    const executeUnlessLost = async (statement: Statement): Promise<readonly StoredRow[]> => {
      if (lost) throw lost.error
      return execute(tx, statement).catch((error: unknown) => {
        if (isConnectionLoss?.(error) === true) lost ??= { error }
        throw error
      })
    }
    const session = { client: tx, dialect, execute: executeUnlessLost }
    try {
      ended = { result: await runWork(session, (opened) => work({ ...opened, pool: db.dialect })) }
    } catch (error) {
      ended = { error }
      throw error
    } finally {
      // Told that the work has ended, postgres.js 3.4 would send COMMIT or ROLLBACK on a socket that is gone, and the write
      // ends the process. Untold, it rejects all the same, as soon as the connection has closed.
      if (lost) await new Promise(() => {})
    }
  }
  try {
    await transaction(run, isolation && { isolationLevel: isolation })
  } catch (error) {
    // The work may be running still, and must send no more. Its error tells more than that of Drizzle's failed rollback.
    lost = { error }
    throw ended && 'error' in ended ? ended.error : error
  }
  if (!ended || 'error' in ended) throw new TypeError('Drizzle ended the transaction without running it.')
  return ended.result
}
