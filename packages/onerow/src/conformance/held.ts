import type { Database } from '../database.ts'
import { untilSeen } from './blocked.ts'
import { watched } from './watched.ts'

export interface Held<Client> {
  readonly db: Database<Client>
  /** Resolves when that many statements are held up. */
  readonly untilHeld: (count: number) => Promise<void>
  /** How many statements were sent, or are held up. */
  readonly count: () => number
  /** Lets all statements go, those to come too. */
  readonly release: () => void
}

/** The database, whose statements are under way until they are let go. */
export function held<Client>(db: Database<Client>): Held<Client> {
  const gate = Promise.withResolvers<void>()
  let count = 0
  return {
    db: watched(db, {
      before: () => {
        count++
        return gate.promise
      },
    }),
    untilHeld: (wanted) => untilSeen(async () => count >= wanted),
    count: () => count,
    release: () => gate.resolve(),
  }
}
