import { explore } from '@onerow/race'
import type { RaceOptions, Report } from '@onerow/race'
import { transaction } from 'onerow'
import type { Answer } from './answer.ts'
import { byHand, inTransaction } from './by-hand.ts'
import { rival } from './casts.ts'
import { isOnerow, isStreak } from './cell.ts'
import type { Cell } from './cell.ts'
import type { Arena, Extent } from './engine.ts'
import { looseTable, newKey, raceSql } from './race.ts'
import type { RaceKey, Table } from './race.ts'
import { makeStreak } from './streak.ts'
import type { Caller } from './verbs.ts'
import { judge } from './verdict.ts'

export const seed = 1

/** What came of a cell. */
export interface Result {
  readonly cell: Cell
  readonly report: Report
}

export async function runCell(arena: Arena, cell: Cell, extent: Extent): Promise<Result> {
  return { cell, report: await explore({ ...optionsOf(arena, cell), ...extent, seed }) }
}

/** What the explorer needs to run a cell, or to replay one of its schedules. */
export function optionsOf(arena: Arena, cell: Cell): RaceOptions {
  const { cast, way, scope, verb } = cell
  const { users } = verb
  const table = way === 'naive' || way === 'check' ? looseTable : 'race'
  let key = newKey()
  // Every other one asks for its rows in the opposite order.
  const callers = cast.callers.map((name, index): Caller => ({
    name,
    users: index % 2 === 0 ? users : users.toReversed(),
  }))
  const actors = callers.map(
    (caller) => [caller.name, () => call(arena, { cell, caller, key, table })] as const,
  )
  const rivals = cast.rival
    ? [['rival', () => rival(arena, { does: cast.rival, table, users })] as const]
    : []
  return {
    sessions: arena.sessions,
    setup: async () => {
      if (isStreak(way)) await makeStreak(arena, { streak: way, key, inTransaction: scope !== 'autocommit' })
      // Without a streak of the schedules before. Where onerow reads the catalog first, it is to know the key already.
      else if (arena.db.dialect.capabilities.provesKeyAtEachCall) key = newKey()
      await arena.run(arena.clear(table))
      if (cast.startsWithRow)
        for (const user of users) await arena.run(raceSql.insertForeign(table, user, 'start'))
    },
    actors: Object.fromEntries([...actors, ...rivals]),
    invariant: async (run) => judge(cell, run, await arena.run(raceSql.all(table))),
  }
}

interface Call {
  readonly cell: Cell
  readonly caller: Caller
  readonly key: RaceKey
  readonly table: Table
}

async function call(arena: Arena, { cell, caller, key, table }: Call): Promise<readonly Answer[]> {
  const { verb, scope, way, level } = cell
  if (!isOnerow(way)) {
    const code = { table, checks: way === 'check', whenFound: verb.whenFound, caller: caller.name }
    if (scope === 'autocommit') return [await byHand(arena.run, code)]
    return [await inTransaction(arena, ({ run }) => byHand(run, code))]
  }
  if (scope === 'autocommit') return verb.call(arena.db, key, caller)
  if (scope === 'retried')
    return transaction(arena.db, (tx) => verb.call(tx, key, caller), { isolation: level.isolation })
  return inTransaction(arena, async ({ db, run }) => {
    await run(raceSql.readElsewhere)
    return verb.call(db, key, caller)
  })
}
