import type { Call } from './call.ts'
import type { Values } from './candidate.ts'
import type { Arbiter } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import { StatementFailure } from './statement-failure.ts'
import { expected } from './streak.ts'

const conflictTargetIsEnough: Arbiter = {}

/** The arbiter of a call's key, or undefined when there is none. */
export async function arbiterOf(call: Call): Promise<Arbiter | undefined> {
  return knownArbiter(call) ?? askedArbiter(call)
}

/**
 * The arbiter, where the catalog need not be asked for it.
 *
 * Where each statement names its conflict target, the database proves the key at every call, and nothing is read of the catalog
 * but for a lookup with a NULL: PostgreSQL's conflict target does not say whether NULLs are equal. And, once, for calls that
 * hardly ever insert: to them the index's name and number are proof enough, and much cheaper.
 */
export function knownArbiter({ db, key, lookup, learned }: Call): Arbiter | undefined {
  if (!db.dialect.capabilities.provesKeyAtEachCall) return learned.arbiter
  if (hasNull(key, lookup)) return undefined
  return expected(learned.streak) === 'found' ? learned.arbiter : conflictTargetIsEnough
}

/** The arbiter as the catalog tells it, or undefined when there is none. */
export function askedArbiter(call: Call): Promise<Arbiter | undefined> {
  if (!call.db.dialect.capabilities.provesKeyAtEachCall) return asked(call)
  return hasNull(call.key, call.lookup) ? inspected(call) : askedForReads(call)
}

function hasNull({ parts }: KeyDefinition, lookup: Values): boolean {
  for (const { column } of parts) if (lookup[column.index] === null) return true
  return false
}

/** The answer is shared, not the asking: a call inside a transaction must never wait for one that waits for its end. */
async function asked(call: Call): Promise<Arbiter | undefined> {
  const arbiter = await inspected(call)
  if (arbiter?.proof !== undefined) call.learned.arbiter = arbiter
  return arbiter
}

/** One call asks; meanwhile the others go by the conflict target, and all of them where the catalog has nothing better. */
async function askedForReads(call: Call): Promise<Arbiter> {
  const { learned } = call
  learned.arbiter = conflictTargetIsEnough
  try {
    const arbiter = (await inspected(call)) ?? conflictTargetIsEnough
    learned.arbiter = arbiter
    return arbiter
  } catch (error) {
    learned.arbiter = undefined
    throw error
  }
}

async function inspected({ db, key }: Call): Promise<Arbiter | undefined> {
  try {
    return (await db.dialect.inspect(db, key, { duplicates: false })).arbiter
  } catch (error) {
    throw new StatementFailure(db.dialect.classify(error), error)
  }
}

/**
 * Forgets what the catalog said of the key, after a statement found it changed; and for a hundred calls, that it may be asked again:
 * it says something else each time where connections look for the table in schemas of their own.
 */
export function forgetArbiter({ learned }: Call): void {
  learned.arbiter = undefined
  learned.streak.calls = 0
}
