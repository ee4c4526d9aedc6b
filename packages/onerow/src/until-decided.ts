import type { Call } from './call.ts'
import { commitsAlone } from './commits-alone.ts'
import type { Arbiter } from './dialect.ts'
import { askedArbiter, forgetArbiter, knownArbiter } from './enforcement.ts'
import {
  ConflictElsewhereError,
  ContentionError,
  DuplicateRowsError,
  KeyNotEnforcedError,
  RetryTransactionError,
} from './errors.ts'
import { KeyRows } from './key-rows.ts'
import { afterLostRace, afterNothing, defaultAttempts, pause } from './pause.ts'
import { refuseStranger } from './refuse-stranger.ts'
import { StatementFailure } from './statement-failure.ts'

/** Answers what the call is to answer, or nothing: then it is the next step's turn. */
export type Step<Result> = () => Promise<Result | undefined>

/**
 * Takes the steps of a call, one after another, until one answers; and again from the first. No answer means that a rival was in
 * between: its row appeared after our read, or was gone when we looked again. A failure ends the call, unless trying again can
 * help and is ours to do.
 */
export async function untilDecided<Result>(
  call: Call,
  steps: (rows: KeyRows, arbiter: Arbiter) => readonly Step<Result>[],
): Promise<Result> {
  let failed: StatementFailure | undefined
  const { db, key } = call
  const { failureAbortsTransaction, provesKeyAtEachCall } = db.dialect.capabilities
  // Where that cannot be told after a failure.
  const inTransaction = !failureAbortsTransaction && (await db.inTransaction())
  for (let number = 1; number <= defaultAttempts; number++) {
    let longest = afterNothing
    let arbiter: Arbiter | undefined
    try {
      arbiter = knownArbiter(call) ?? (await askedArbiter(call))
      if (!arbiter) throw await notEnforced(call)
      const rows = new KeyRows(inTransaction ? { ...call, inTransaction } : call, arbiter)
      for (const step of steps(rows, arbiter)) {
        const result = await step()
        if (result !== undefined) return result
      }
      // A read that goes by an index that has been replaced finds nothing, either.
      if (provesKeyAtEachCall) forgetArbiter(call)
      // Twice may be chance.
      if (number > 2) await refuseStranger(call)
    } catch (error) {
      if (!(error instanceof StatementFailure)) throw error
      await endUnlessRetryHelps(call, error, { failed, arbiter, inTransaction })
      failed = error
      longest = afterLostRace
    }
    await pause(number, longest)
  }
  throw new ContentionError(
    `Key "${key.name}": what the insert conflicts with, the lookup does not find. Others make and delete the row as ` +
      'fast as that; or the database hides it (row-level security), keeps a new row from being stored (a trigger), or ' +
      'stores the key otherwise than it was given (a trigger, a type that rounds or pads).',
    defaultAttempts,
    failed?.cause,
  )
}

interface Before {
  readonly failed: StatementFailure | undefined
  readonly arbiter: Arbiter | undefined
  readonly inTransaction: boolean
}

async function endUnlessRetryHelps(
  call: Call,
  { failure, cause }: StatementFailure,
  before: Before,
): Promise<void> {
  const { db, key } = call
  const { capabilities } = db.dialect
  if (failure.kind === 'other') throw cause
  if (failure.kind === 'unknown-name') {
    if (!before.arbiter?.identity || !commitsAlone(db)) throw cause
    return forgetArbiter(call)
  }
  const aborted = capabilities.failureAbortsTransaction && (await db.inTransaction())
  const inTransaction = aborted || before.inTransaction
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
      forgetArbiter(call)
  }
}

/** Finds out why the key is not enforced; rows that are there twice already are the worse news, and come first. */
async function notEnforced(call: Call, cause?: unknown): Promise<Error> {
  const { db, key } = call
  const ddl = db.dialect.keySql(key)
  try {
    const count = await new KeyRows(call, {}).count()
    if (count > 1) return new DuplicateRowsError(key, count, ddl)
    const { problems } = await db.dialect.inspect(db, key)
    return new KeyNotEnforcedError(key, problems, ddl, cause)
  } catch {
    // Finding out can fail, in an aborted transaction or by a timeout. That the key is not enforced is certain.
    return new KeyNotEnforcedError(key, [], ddl, cause)
  }
}
