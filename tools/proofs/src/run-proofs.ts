import type { Cell } from './cell.ts'
import { cellsOf } from './cell.ts'
import type { Engine } from './engine.ts'
import { openMariadbEngine } from './mariadb-engine.ts'
import { openPostgresEngine } from './postgres-engine.ts'
import { runCell } from './run-cell.ts'
import type { Extent, Result } from './run-cell.ts'

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
    await using arena = await engine.open(level)
    for (const cell of cells.filter((each) => each.level === level)) {
      const result = await runCell(arena, cell, extentOf(cell))
      results.push(result)
      onResult(result)
    }
  }
  return { engine: engine.name, results }
}

/** As many orders as there is time for: of two actors that is often all; of three it is few, and more of what is to be proved. */
function extentOf({ cast, way }: Cell): Extent {
  const isOfTwo = cast.callers.length + (cast.rival ? 1 : 0) === 2
  if (isOfTwo) return { limit: 40, samples: 10 }
  return way === 'onerow' ? { limit: 12, samples: 8 } : { limit: 4, samples: 4 }
}
