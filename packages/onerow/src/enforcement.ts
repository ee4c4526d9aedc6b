import type { Call } from './call.ts'
import type { Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import { StatementFailure } from './statement-failure.ts'
import { expected, streakOf } from './streak.ts'

type Arbiters = WeakMap<KeyDefinition, Arbiter>

// What the catalog said lives as long as the pool or connection that asked, wherever `fromX(pool)` is written.
const arbitersByPool = new WeakMap<WeakKey, Arbiters>()

const conflictTargetIsEnough: Arbiter = {}

/**
 * The arbiter of a key on this database, or undefined when there is none.
 *
 * Where each statement names its conflict target, the database proves the key at every call, and nothing is read here but
 * for a lookup with a NULL: PostgreSQL's conflict target does not say whether NULLs are equal, so the catalog is asked. And, once,
 * for calls that hardly ever insert: to them the index's number is proof enough, and much cheaper.
 */
export function arbiterOf({ db, key, lookup }: Call): Arbiter | Promise<Arbiter | undefined> {
  if (db.dialect.capabilities.provesKeyAtEachCall) {
    if (key.parts.some(({ column }) => lookup.get(column) === null)) return inspected(db, key)
    if (expected(streakOf(db, key)) !== 'found') return conflictTargetIsEnough
    return arbitersOf(db).get(key) ?? askedForReads(db, key)
  }
  return arbitersOf(db).get(key) ?? asked(db, key)
}

/** The answer is shared, not the asking: a call inside a transaction must never wait for one that waits for its end. */
async function asked(db: Database, key: KeyDefinition): Promise<Arbiter | undefined> {
  const arbiter = await inspected(db, key)
  if (arbiter?.proof !== undefined) arbitersOf(db).set(key, arbiter)
  return arbiter
}

/** One call asks; meanwhile the others go by the conflict target, and all of them where the catalog has nothing better. */
async function askedForReads(db: Database, key: KeyDefinition): Promise<Arbiter> {
  const arbiters = arbitersOf(db)
  arbiters.set(key, conflictTargetIsEnough)
  try {
    const arbiter = (await inspected(db, key)) ?? conflictTargetIsEnough
    arbiters.set(key, arbiter)
    return arbiter
  } catch (error) {
    arbiters.delete(key)
    throw error
  }
}

async function inspected(db: Database, key: KeyDefinition): Promise<Arbiter | undefined> {
  try {
    return (await db.dialect.inspect(db, key, { duplicates: false })).arbiter
  } catch (error) {
    throw new StatementFailure(db.dialect.classify(error), error)
  }
}

/** Forgets what the catalog said of a key, after a statement found it changed. */
export function forgetArbiter(db: Database, key: KeyDefinition): void {
  arbitersOf(db).delete(key)
}

function arbitersOf(db: Database): Arbiters {
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const pool = db.pool ?? (db.client as WeakKey)
  const known = arbitersByPool.get(pool)
  if (known) return known
  const arbiters: Arbiters = new WeakMap()
  arbitersByPool.set(pool, arbiters)
  return arbiters
}
