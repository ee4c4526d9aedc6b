import type { Cell } from './cell.ts'
import { cellsOf, isOnerow, sessionsOf } from './cell.ts'
import type { Engine, Extent } from './engine.ts'
import { openMariadbEngine } from './mariadb-engine.ts'
import { openPostgresEngine } from './postgres-engine.ts'
import { runCell } from './run-cell.ts'
import type { Result } from './run-cell.ts'

/** What all cells of an engine have come to. */
export interface EngineRun {
  readonly engine: string
  readonly results: readonly Result[]
}

/** The servers; one that is not installed opens nothing. A new one is one more of them. */
export const engines: readonly (() => Promise<Engine | undefined>)[] = [openPostgresEngine, openMariadbEngine]

/** Runs the cells that are asked for, the engines side by side, each cell by itself. */
export async function runProofs(
  isWanted: (cell: Cell) => boolean,
  onResult: (result: Result) => void,
): Promise<readonly EngineRun[]> {
  const runs = await Promise.allSettled(engines.map((open) => runOn(open, isWanted, onResult)))
  return runs.flatMap((run) => {
    if (run.status === 'rejected') throw run.reason
    return run.value ?? []
  })
}

async function runOn(
  open: () => Promise<Engine | undefined>,
  isWanted: (cell: Cell) => boolean,
  onResult: (result: Result) => void,
): Promise<EngineRun | undefined> {
  await using engine = await open()
  if (!engine) return undefined
  const cells = cellsOf(engine).filter(isWanted)
  const results: Result[] = []
  for (const level of engine.levels) {
    const ofLevel = cells.filter((cell) => cell.level === level)
    if (ofLevel.length === 0) continue
    await using arena = await engine.open(level)
    for (const cell of ofLevel) {
      const result = await runCell(arena, cell, extentOf(cell, engine))
      results.push(result)
      onResult(result)
    }
  }
  return results.length > 0 ? { engine: engine.name, results } : undefined
}

/** Of two sessions that is all of it, but for a few cells; of three as much as there is time for, and little of the code by hand. */
function extentOf(cell: Cell, { extentOfThree }: Engine): Extent {
  if (sessionsOf(cell) === 2) return { limit: 400, samples: 30 }
  return isOnerow(cell.way) ? extentOfThree : { limit: 3, samples: 3 }
}
