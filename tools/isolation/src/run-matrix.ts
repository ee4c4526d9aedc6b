import type { Engine } from './engine.ts'
import { runCell } from './run-cell.ts'
import type { Cell } from './run-cell.ts'
import { situations } from './situations.ts'
import type { Situation } from './situations.ts'
import { verbs } from './verbs.ts'
import { ways } from './ways.ts'
import type { WayName } from './ways.ts'

/** Runs each race on an engine, one after another, at each of its levels. */
export async function runMatrix(engine: Engine): Promise<readonly Cell[]> {
  const cells: Cell[] = []
  for (const level of engine.levels) {
    const parties = await engine.open(level)
    try {
      for (const way of engine.ways) {
        for (const situation of situations.filter((each) => canHappen(way, each))) {
          for (const verb of verbs)
            cells.push(await runCell(engine, parties, { level, way, verb, situation }))
        }
      }
    } finally {
      await parties.close()
    }
  }
  return cells
}

/** A rival who is gone before the call is no rival to a caller who has not read yet. */
export function canHappen(way: WayName, { moment }: Situation): boolean {
  return ways[way].readsBefore || moment !== 'before the call'
}
