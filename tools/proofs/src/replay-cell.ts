import { replay } from '@onerow/race'
import { cellName, cellsOf } from './cell.ts'
import { optionsOf } from './run-cell.ts'
import { engines } from './run-proofs.ts'

/**
 * Runs one schedule of a cell again.
 *
 * @returns the report, with the picture when something is wrong
 * @throws `TypeError` when there is no such cell
 */
export async function replayCell(name: string, schedule: string): Promise<string> {
  for (const open of engines) {
    await using engine = await open()
    const cell = engine && cellsOf(engine).find((each) => cellName(each) === name)
    if (!cell) continue
    await using arena = await engine.open(cell.level)
    return String(await replay(optionsOf(arena, cell), schedule))
  }
  throw new TypeError(`There is no cell "${name}".`)
}
