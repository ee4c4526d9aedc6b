import type { Call } from './call.ts'
import type { Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import { arbiterOf, forgetArbiter } from './enforcement.ts'
import {
  ConflictElsewhereError,
  ContentionError,
  DuplicateRowsError,
  KeyNotEnforcedError,
  RetryTransactionError,
} from './errors.ts'
import { keyRows } from './key-rows.ts'
import type { KeyRows } from './key-rows.ts'
import { afterLostRace, afterNothing, defaultAttempts, pause } from './pause.ts'
import { refuseStranger } from './refuse-stranger.ts'
import { StatementFailure } from './statement-failure.ts'

/**
 * Repeats an attempt until it answers. No answer means that a rival was in between: its row appeared after our read, or
 * was gone when we looked again. A failure ends the call, unless trying again can help and is ours to do.
 */
export async function untilDecided<Result>(
  call: Call,
  attempt: (rows: KeyRows, arbiter: Arbiter) => Promise<Result | undefined>,
): Promise<Result> {
  let failed: StatementFailure | undefined
  const wasInTransaction = await inTransactionBefore(call.db)
  for (let number = 1; number <= defaultAttempts; number++) {
    let longest = afterNothing
    try {
      const arbiter = await arbiterOf(call)
      if (!arbiter) throw await notEnforced(call)
      const result = await attempt(keyRows({ ...call, inTransaction: wasInTransaction }, arbiter), arbiter)
      if (result !== undefined) return result
      // A read that goes by an index that has been replaced finds nothing, either.
      if (call.db.dialect.capabilities.provesKeyAtEachCall) forgetArbiter(call.db, call.key)
      // Twice may be chance.
      if (number > 2) await refuseStranger(call)
    } catch (error) {
      if (!(error instanceof StatementFailure)) throw error
      await endUnlessRetryHelps(call, error, { failed, wasInTransaction })
      failed = error
      longest = afterLostRace
    }
    await pause(number, longest)
  }
  throw new ContentionError(
    `Key "${call.key.name}": what the insert conflicts with, the lookup does not find. Others make and delete the row as ` +
      'fast as that; or the database hides it (row-level security), keeps a new row from being stored (a trigger), or ' +
      'stores the key otherwise than it was given (a trigger, a type that rounds or pads).',
    defaultAttempts,
    failed?.cause,
  )
}

/** Whether the caller has a transaction open, where that cannot be told after a failure. */
function inTransactionBefore(db: Database): boolean | Promise<boolean> {
  return !db.dialect.capabilities.failureAbortsTransaction && db.inTransaction()
}

interface Before {
  readonly failed: StatementFailure | undefined
  readonly wasInTransaction: boolean
}

async function endUnlessRetryHelps(
  call: Call,
  { failure, cause }: StatementFailure,
  before: Before,
): Promise<void> {
  const { db, key } = call
  const { capabilities } = db.dialect
  if (failure.kind === 'other') throw cause
  const aborted = capabilities.failureAbortsTransaction && (await db.inTransaction())
  const inTransaction = aborted || before.wasInTransaction
  switch (failure.kind) {
    case 'retry':
      if (inTransaction) throw new RetryTransactionError(cause)
      return
    case 'unique-violation':
      // A rival's row may break two constraints of ours at once, and the database names whichever it checks first. So
      // look again: only if the key is still free is the conflict elsewhere.
      if (aborted || before.failed?.failure.kind === 'unique-violation')
        throw new ConflictElsewhereError(key, failure.constraint, { cause, retryable: aborted })
      return
    case 'key-not-enforced':
      if (aborted) throw new KeyNotEnforcedError(key, [], db.dialect.keySql(key), cause)
      if (capabilities.provesKeyAtEachCall) throw await notEnforced(call, cause)
      forgetArbiter(db, key)
  }
}

/** Finds out why the key is not enforced; rows that are there twice already are the worse news, and come first. */
async function notEnforced(call: Call, cause?: unknown): Promise<Error> {
  const { db, key } = call
  const ddl = db.dialect.keySql(key)
  try {
    const count = await keyRows(call, {}).count()
    if (count > 1) return new DuplicateRowsError(key, count, ddl)
    const { problems } = await db.dialect.inspect(db, key)
    return new KeyNotEnforcedError(key, problems, ddl, cause)
  } catch {
    // Finding out can fail, in an aborted transaction or by a timeout. That the key is not enforced is certain.
    return new KeyNotEnforcedError(key, [], ddl, cause)
  }
}
