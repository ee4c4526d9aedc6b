import { inTransaction } from './by-hand.ts'
import type { Arena } from './engine.ts'
import { raceSql, rivalId } from './race.ts'
import type { Table } from './race.ts'

/** Who takes part, and what there is at the start. */
export interface Cast {
  readonly name: string
  readonly callers: readonly string[]
  readonly startsWithRow: boolean
  /** Somebody else, in a transaction by hand, without onerow. */
  readonly rival?: 'commits' | 'rolls back' | 'deletes'
  /** Whether there is more to see in it than that all find the row. */
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
export async function rival(arena: Arena, does: Cast['rival'], table: Table): Promise<void> {
  const insert = raceSql.insertAs(table, rivalId, 'rival')
  try {
    if (does === 'rolls back') await inTransaction(arena, ({ run }) => run(insert), 'rollback')
    if (does === 'deletes') await inTransaction(arena, ({ run }) => run(raceSql.delete(table)))
    if (does === 'commits')
      await inTransaction(arena, async ({ run }) => {
        const found = await run(raceSql.select(table))
        if (found.length === 0) await run(insert)
      })
  } catch {
    // Refused by the index, or by the isolation level.
  }
}
