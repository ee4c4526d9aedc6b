import { getOrCreate } from 'onerow'
import type { Database } from 'onerow'
import type { Arena } from './engine.ts'
import { mostConnections } from './engine.ts'
import type { RaceKey } from './race.ts'

/** Calls that all have ended alike: on PostgreSQL, after a hundred of them onerow expects the next to do so, too. */
export type Streak = 'hits' | 'misses'

const length = 100

/** Users whose rows no caller asks for. */
const firstStranger = 1000

/**
 * Makes the calls of a streak, anew before each schedule, as the one before may have ended it. Leaves rows in the table.
 *
 * They run apart, but what onerow learns by them it keeps with the pool that an actor calls on; or, of calls in transactions, with
 * the connection, whichever an actor will get.
 */
export async function makeStreak(
  arena: Arena,
  { streak, key, inTransaction }: { streak: Streak; key: RaceKey; inTransaction: boolean },
): Promise<void> {
  const { db, apart } = arena
  if (!apart) throw new TypeError('There are no streaks on this engine.')
  const clients = inTransaction ? await connectionsOf(arena) : [db.client]
  for (const [number, client] of clients.entries()) {
    // The driver's pools and connections are objects; `Database` leaves their type to the driver.
    const pool = client as WeakKey
    await makeCalls({ ...apart, pool }, key, { streak, stranger: firstStranger + number * length })
  }
}

async function connectionsOf(arena: Arena): Promise<readonly unknown[]> {
  const connections = await Promise.all(Array.from({ length: mostConnections }, () => arena.connect()))
  for (const connection of connections) connection.release()
  return connections.map(({ db }) => db.client)
}

async function makeCalls(
  db: Database,
  key: RaceKey,
  { streak, stranger }: { streak: Streak; stranger: number },
): Promise<void> {
  const call = (userId: number) =>
    getOrCreate(db, key, { where: { userId }, create: { name: 'stranger', visits: 0 } })
  if (streak === 'misses') {
    await Promise.all(Array.from({ length }, (_, index) => call(stranger + index)))
    return
  }
  await call(stranger)
  await Promise.all(Array.from({ length }, () => call(stranger)))
  // The first after the hundred asks the catalog for the index's number, and the others know it.
  await call(stranger)
}
