import type { Database } from './database.ts'
import type { KeyDefinition } from './key.ts'

/** How many calls of a key in a row have found their row. */
export interface HitStreak {
  hits: number
}

const streaksByPool = new WeakMap<WeakKey, WeakMap<KeyDefinition, HitStreak>>()

/** @returns what all calls of the key on this database share */
export function hitStreak(db: Database, key: KeyDefinition): HitStreak {
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const pool = db.pool ?? (db.client as WeakKey)
  let byKey = streaksByPool.get(pool)
  if (!byKey) streaksByPool.set(pool, (byKey = new WeakMap()))
  let streak = byKey.get(key)
  if (!streak) byKey.set(key, (streak = { hits: 0 }))
  return streak
}

/**
 * Whether the next call will hardly have to create its row, so that a read is worth trying first: it costs the server half of
 * what a statement does that could also insert. Wrong, it costs one round trip more; after a hundred calls that it was right.
 */
export function expectsHit({ hits }: HitStreak): boolean {
  return hits >= 100
}
