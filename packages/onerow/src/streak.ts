import type { Database } from './database.ts'
import type { KeyDefinition } from './key.ts'

/** How the last calls of a key have ended, all in the same way. */
export interface Streak {
  outcome: 'found' | 'created'
  calls: number
}

const streaksByPool = new WeakMap<WeakKey, WeakMap<KeyDefinition, Streak>>()

/** @returns what all calls of the key on this database share */
export function streakOf(db: Database, key: KeyDefinition): Streak {
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const pool = db.pool ?? (db.client as WeakKey)
  let byKey = streaksByPool.get(pool)
  if (!byKey) streaksByPool.set(pool, (byKey = new WeakMap()))
  let streak = byKey.get(key)
  if (!streak) byKey.set(key, (streak = { outcome: 'found', calls: 0 }))
  return streak
}

/** Tells how a call has ended. */
export function prolong(streak: Streak, outcome: Streak['outcome']): void {
  streak.calls = streak.outcome === outcome ? streak.calls + 1 : 1
  streak.outcome = outcome
}

/**
 * What the next call will hardly not find, so that it is worth a statement that can do no more: it costs the server less than one
 * that serves for both. Wrong, it costs one round trip more; after a hundred calls that it was right.
 */
export function expected({ outcome, calls }: Streak): Streak['outcome'] | undefined {
  return calls >= 100 ? outcome : undefined
}
