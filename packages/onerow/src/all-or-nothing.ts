import type { Database } from './database.ts'
import { ContentionError, RetryTransactionError } from './errors.ts'
import { afterLostRace, defaultAttempts, pause } from './pause.ts'
import { StatementFailure } from './statement-failure.ts'
import { beginOnce } from './transaction.ts'

/**
 * Runs work of several statements so that all of it is done or nothing: in a transaction of its own, repeated when it has lost
 * a race; or, in a caller's transaction, behind a savepoint.
 *
 * @throws what `work` throws, with what it has done undone; `RetryTransactionError` in a caller's transaction that lost a race
 */
export async function allOrNothing(db: Database, work: (db: Database) => Promise<void>): Promise<void> {
  if (await db.inTransaction()) return behindSavepoint(db, work)
  let lost: unknown
  for (let number = 1; number <= defaultAttempts; number++) {
    try {
      return await beginOnce(db, work)
    } catch (error) {
      if (!hasLostRace(error)) throw error
      lost = error.cause
    }
    await pause(number, afterLostRace)
  }
  throw new ContentionError('The list met others each time: see the cause.', defaultAttempts, lost)
}

function hasLostRace(error: unknown): error is StatementFailure | RetryTransactionError {
  return (
    error instanceof RetryTransactionError ||
    (error instanceof StatementFailure && error.failure.kind === 'retry')
  )
}

async function behindSavepoint(db: Database, work: (db: Database) => Promise<void>): Promise<void> {
  const say = (text: string) => db.execute({ text, values: [] })
  await say('savepoint onerow_list')
  try {
    await work(db)
  } catch (error) {
    if (hasLostRace(error)) throw new RetryTransactionError(error.cause)
    await say('rollback to savepoint onerow_list')
    throw error
  }
  await say('release savepoint onerow_list')
}
