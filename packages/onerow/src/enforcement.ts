import type { Database } from './database.ts'
import type { Arbiter } from './dialect.ts'
import type { KeyDefinition } from './key.ts'

type Arbiters = WeakMap<KeyDefinition, Promise<Arbiter | undefined>>

// What the catalog said lives as long as the pool or connection that asked, wherever `fromX(pool)` is written.
const arbitersByClient = new WeakMap<WeakKey, Arbiters>()

const conflictTargetIsEnough: Arbiter = {}

/**
 * The arbiter of a key on this database, or undefined when there is none.
 *
 * Where each statement names its conflict target, the database proves the key at every call and nothing is read here.
 * PostgreSQL is not told by the conflict target whether NULLs are equal, so such a key is looked up in the catalog too.
 */
export function arbiterOf(db: Database, key: KeyDefinition): Promise<Arbiter | undefined> | Arbiter {
  if (db.dialect.capabilities.provesKeyAtEachCall && key.nulls === 'distinct') return conflictTargetIsEnough
  const arbiters = arbitersOf(db)
  const known = arbiters.get(key)
  if (known) return known
  const asked = db.dialect.inspect(db, key).then(({ arbiter }) => {
    if (!arbiter) arbiters.delete(key)
    return arbiter
  })
  asked.catch(() => arbiters.delete(key))
  arbiters.set(key, asked)
  return asked
}

/** Forgets what the catalog said of a key, after a statement found it changed. */
export function forgetArbiter(db: Database, key: KeyDefinition): void {
  arbitersOf(db).delete(key)
}

function arbitersOf(db: Database): Arbiters {
  // Every adapter's client is an object or a function; `Database` leaves its type to the tool.
  const client = db.client as WeakKey
  const known = arbitersByClient.get(client)
  if (known) return known
  const arbiters: Arbiters = new WeakMap()
  arbitersByClient.set(client, arbiters)
  return arbiters
}
