import { explore } from '@onerow/race'
import type { RaceOptions, Report } from '@onerow/race'
import { transaction } from 'onerow'
import { told } from './answer.ts'
import type { Answer } from './answer.ts'
import { byHand, inTransaction } from './by-hand.ts'
import { rival } from './casts.ts'
import type { Cell } from './cell.ts'
import type { Arena } from './engine.ts'
import { looseTable, newKey, raceSql, startId } from './race.ts'
import type { RaceKey } from './race.ts'
import { judge } from './verdict.ts'

/** How much of a cell is run; beyond `limit`, `samples` are drawn. */
export interface Extent {
  readonly limit: number
  readonly samples: number
}

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
  const { cast, way } = cell
  const table = way === 'naive' || way === 'check' ? looseTable : 'race'
  let key = newKey()
  const callers = cast.callers.map(
    (caller) => [caller, () => told(() => call(arena, { cell, caller, key }))] as const,
  )
  const rivals = cast.rival ? [['rival', () => rival(arena, cast.rival, table)] as const] : []
  return {
    sessions: arena.sessions,
    setup: async () => {
      // A hundred calls that end alike change how onerow asks. Where it reads the catalog first, it is to know the key already.
      if (arena.db.dialect.capabilities.provesKeyAtEachCall) key = newKey()
      await arena.run(arena.clear(table))
      if (cast.startsWithRow) await arena.run(raceSql.insertAs(table, startId, 'start'))
    },
    actors: Object.fromEntries([...callers, ...rivals]),
    invariant: async (run) => judge(cell, run, await arena.run(raceSql.select(table))),
  }
}

interface Caller {
  readonly cell: Cell
  readonly caller: string
  readonly key: RaceKey
}

function call(arena: Arena, { cell, caller, key }: Caller): Promise<Answer> {
  const { verb, scope, way, level } = cell
  if (way === 'onerow') {
    if (scope === 'autocommit') return verb.call(arena.db, key, caller)
    if (scope === 'retried') return transaction(arena.db, (tx) => verb.call(tx, key, caller), level)
    return inTransaction(arena, async ({ db, run }) => {
      await run(raceSql.readElsewhere)
      return verb.call(db, key, caller)
    })
  }
  const code = { table: way === 'index' ? ('race' as const) : looseTable, checks: way === 'check' } as const
  if (scope === 'autocommit') return byHand(arena.run, { verb, caller }, code)
  return inTransaction(arena, ({ run }) => byHand(run, { verb, caller }, code))
}
