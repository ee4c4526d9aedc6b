import { checkDatabase } from './check-call.ts'
import type { BeginOptions, Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import { ConflictElsewhereError, ContentionError, RetryTransactionError } from './errors.ts'
import { afterLostRace, defaultAttempts, pause } from './pause.ts'
import { StatementFailure } from './statement-failure.ts'

/** How to run a transaction. */
export interface TransactionOptions extends BeginOptions {
  /** How often to run the transaction at most; 16 unless told. */
  readonly attempts?: number
}

/**
 * Runs `work` in a transaction, and runs all of it again when the database says that it lost a race: a serialization
 * failure, a deadlock, a busy database, also when that comes out only at COMMIT. Waits a little, at random, before each
 * repeat. Whatever `work` does outside the database, it may therefore do several times.
 *
 * @param db a pool or an idle connection
 * @param work gets the transaction: pass it to `getOrCreate` and its kin; its `client` is the tool's own
 * @returns what `work` resolves to
 * @throws what `work` throws, after rolling back; `ContentionError` when the attempts are used up; `TypeError` when `db`
 *   is in a transaction already
 * @example
 * ```ts
 * const card = await transaction(fromPg(pool), async (tx) => {
 *   const { row } = await getOrCreate(tx, identityCard, {
 *     where: { userId: 7n, documentType: 'PAN_CARD' },
 *     create: { file: 'pan.pdf' },
 *   })
 *   await tx.client.query('insert into audit (document_id) values ($1)', [row.id])
 *   return row
 * }, { isolation: 'serializable' })
 * ```
 */
export async function transaction<Client, Result>(
  db: Database<Client>,
  work: (transaction: Database<Client>) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  checkDatabase(db)
  const { attempts = defaultAttempts, isolation } = options
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new TypeError(`attempts must be a whole number from 1 up; got ${attempts}.`)
  if (await db.inTransaction())
    throw new TypeError(
      'This connection is in a transaction already, and transactions do not nest. Run the work directly, or use a ' +
        'savepoint of your data tool.',
    )
  let cause: unknown
  for (let number = 1; number <= attempts; number++) {
    try {
      return await db.begin(work, { isolation })
    } catch (error) {
      if (!isRetryable(db, error) && !mayBeSettledByNewTransaction(error, cause)) throw error
      cause = error
    }
    await pause(number, afterLostRace)
  }
  throw new ContentionError(
    'The transaction met others each time: see the cause. Make it shorter, lock what it changes first, or allow more attempts.',
    attempts,
    cause,
  )
}

function isRetryable(db: Database, error: unknown): boolean {
  return error instanceof RetryTransactionError || db.dialect.classify(error).kind === 'retry'
}

/** A conflict elsewhere, met for the first time; a second of the same constraint is no accident. */
function mayBeSettledByNewTransaction(error: unknown, before: unknown): boolean {
  if (!(error instanceof ConflictElsewhereError) || !error.retryable) return false
  return !(before instanceof ConflictElsewhereError && before.constraint === error.constraint)
}

/** Runs a call's own transaction once; what the database says at BEGIN or COMMIT is told apart from what `work` throws. */
export async function beginOnce<Result>(
  db: Database,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> {
  let thrownByWork: unknown
  try {
    return await db.begin(async (tx) => {
      try {
        return await work(tx)
      } catch (error) {
        thrownByWork = error
        throw error
      }
    })
  } catch (error) {
    throw error === thrownByWork ? error : new StatementFailure(db.dialect.classify(error), error)
  }
}

/** Runs an insert that answers its rows: in a transaction of its own, where it must not be the one that commits. */
export function committed<Answer>(
  { db, inTransaction }: { readonly db: Database; readonly inTransaction?: boolean },
  { commitsApart }: Arbiter,
  insert: (db: Database) => Promise<Answer>,
): Promise<Answer> {
  return commitsApart === true && inTransaction !== true ? beginOnce(db, insert) : insert(db)
}
