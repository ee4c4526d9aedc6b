import { cellText } from './cell-text.ts'
import type { Level } from './engine.ts'
import type { Cell } from './run-cell.ts'
import type { EngineRun } from './run-isolation.ts'
import { canHappen } from './run-matrix.ts'
import { situations } from './situations.ts'
import { anchor, groupByText, tableText } from './text.ts'
import { verbs } from './verbs.ts'
import { ways } from './ways.ts'
import type { WayName } from './ways.ts'

/** A way to call at a level. */
interface Place {
  readonly way: WayName
  readonly level: Level
}

/** The matrix of an engine: each table once, however many ways and levels it is true for, and above them an index. */
export function matrixTables(run: EngineRun): string {
  const { name, ways: names, levels } = run.engine
  const places = names.flatMap((way) => levels.map((level): Place => ({ way, level })))
  const tables = groupByText(places, (place) => matrixTable(run, place)).map(({ items, text }, index) => ({
    items,
    text,
    heading: `${name}, table ${index + 1}`,
  }))
  const link = (way: WayName, level: Level): string => {
    const index = tables.findIndex(({ items }) =>
      items.some((place) => place.way === way && place.level === level),
    )
    const words = lostRaceWords(run.cells.filter((cell) => cell.way === way && cell.level === level))
    return `${words} ([table ${index + 1}](#${anchor(tables[index]?.heading ?? '')}))`
  }
  const index = tableText(
    ['`getOrCreate`', ...levels.map((level) => level.name)],
    names.map((way) => [ways[way].title].concat(levels.map((level) => link(way, level)))),
  )
  const texts = tables.map(
    ({ heading, items, text }) => `### ${heading}\n\n${placesText(items, levels)}\n\n${text}`,
  )
  return [index, ...texts].join('\n\n')
}

/** What `getOrCreate` says when a rival inserts the row and commits, in one situation or another. */
function lostRaceWords(cells: readonly Cell[]): string {
  const words = cells
    .filter(({ verb, situation }) => verb.name === 'getOrCreate' && situation.does === 'insert')
    .filter(({ situation }) => situation.ends === 'commit')
    .map(({ told }) => `\`${told.calls.at(-1)?.word}\``)
  return [...new Set(words)].join(' or ')
}

function matrixTable({ cells }: EngineRun, { way, level }: Place): string {
  const rows = situations
    .filter((situation) => canHappen(way, situation))
    .map((situation) => {
      const texts = verbs.map((verb) => {
        const cell = cells.find(
          (each) =>
            each.way === way && each.level === level && each.situation === situation && each.verb === verb,
        )
        if (!cell)
          throw new Error(`There is no cell for ${way}, ${level.name}, ${verb.name}: ${situation.name}`)
        return cellText(cell)
      })
      return [situation.name].concat(texts)
    })
  return tableText(['the rival', ...verbs.map(({ name }) => name)], rows)
}

/** Which ways and levels a table is true for, a line for each way. */
function placesText(places: readonly Place[], all: readonly Level[]): string {
  const lines = [...Map.groupBy(places, ({ way }) => way)].map(([way, at]) => {
    const levels = at.map(({ level }) => level.name)
    return `- ${ways[way].title}: ${levels.length === all.length && all.length > 1 ? 'every level' : levels.join('; ')}`
  })
  return lines.join('\n')
}
