import type { Lines } from './coalesce.ts'
import type { Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import type { KeyDefinition } from './key.ts'
import type { Streak } from './streak.ts'

/** What onerow has learned of a key on a database. All calls of the key there share it. */
export interface Learned {
  readonly streak: Streak
  /** How the key is enforced, where the catalog was asked for it. */
  arbiter: Arbiter | undefined
  /** Those who leave together, by client and by the columns that they send. */
  readonly lines: WeakMap<WeakKey, Lines>
}

// It lives as long as the pool or connection that it was learned on, wherever `fromX(pool)` is written.
const learnedByPool = new WeakMap<WeakKey, WeakMap<KeyDefinition, Learned>>()

export function learnedOf({ pool, client }: Database, key: KeyDefinition): Learned {
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const learnedOn = pool ?? (client as WeakKey)
  let byKey = learnedByPool.get(learnedOn)
  if (!byKey) learnedByPool.set(learnedOn, (byKey = new WeakMap()))
  let learned = byKey.get(key)
  if (!learned) byKey.set(key, (learned = newlyLearned()))
  return learned
}

function newlyLearned(): Learned {
  return { streak: { outcome: 'found', calls: 0 }, arbiter: undefined, lines: new WeakMap() }
}
