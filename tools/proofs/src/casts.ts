import { inTransaction } from './by-hand.ts'
import type { Arena, Run } from './engine.ts'
import { raceSql } from './race.ts'
import type { Table } from './race.ts'

/** Who takes part, and what there is at the start. */
export interface Cast {
  readonly name: string
  readonly callers: readonly string[]
  readonly startsWithRow: boolean
  /** Somebody else, in a transaction by hand, without onerow; of several rows, the last comes first. */
  readonly rival?: 'commits' | 'rolls back' | 'deletes'
  /** Whether there is nothing to see in it but for verbs that update. */
  readonly onlyUpdates?: boolean
}

const two = ['first', 'second']

export const casts: readonly Cast[] = [
  { name: 'two callers', callers: two, startsWithRow: false },
  { name: 'two callers, the row is there', callers: two, startsWithRow: true, onlyUpdates: true },
  { name: 'three callers', callers: [...two, 'third'], startsWithRow: false },
  { name: 'two, and one that creates by hand', callers: two, startsWithRow: false, rival: 'commits' },
  { name: 'two, and one that rolls back', callers: two, startsWithRow: false, rival: 'rolls back' },
  { name: 'two, and one that deletes', callers: two, startsWithRow: true, rival: 'deletes' },
]

/** What the rival does. Its own errors are no matter here: it has then done nothing. */
export async function rival(
  arena: Arena,
  { does, table, users }: { does: Cast['rival']; table: Table; users: readonly number[] },
): Promise<void> {
  const ending = does === 'rolls back' ? 'rollback' : 'commit'
  const work = async (run: Run) => {
    for (const user of users.toReversed()) {
      if (does === 'deletes') await run(raceSql.delete(table, user))
      else if (does === 'rolls back' || (await run(raceSql.select(table, user))).length === 0)
        await run(raceSql.insertForeign(table, user, 'rival'))
    }
  }
  try {
    await inTransaction(arena, ({ run }) => work(run), ending)
  } catch {
    // Refused by the index, or by the isolation level; or ended for others who wait for it.
  }
}
