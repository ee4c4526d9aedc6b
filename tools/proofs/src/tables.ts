import { countOf } from './broken-promises.ts'
import { allWays, isOnerow, scopes, sessionsOf, ways } from './cell.ts'
import type { Cell, Way } from './cell.ts'
import type { Result } from './run-cell.ts'
import type { EngineRun } from './run-proofs.ts'
import { codeOf, sumOf, tableText, thousands } from './text.ts'
import type { Kind } from './verdict.ts'

const kinds: Readonly<Record<Kind, string>> = {
  duplicates: 'two rows',
  'lost update': 'lost update',
  'false answer': 'false answer',
}

// An object's keys are strings to TypeScript, as there may be more of them than its type tells; of these there are not.
const allKinds = Object.keys(kinds) as Kind[]

/** What each way has come to, of all cells together. */
export function summaryTable(results: readonly Result[]): string {
  return tableText(
    [
      'way',
      'cells',
      'of these exhaustive',
      'schedules',
      ...Object.values(kinds),
      'callers who were told an error',
    ],
    waysOf(results).map((way) =>
      summaryOf(
        way,
        results.filter(({ cell }) => cell.way === way),
      ),
    ),
  )
}

function summaryOf(way: Way, results: readonly Result[]): readonly string[] {
  const broken = allKinds.map((kind) => sumOf(results, ({ report }) => countOf(report, kind)))
  return [
    isOnerow(way) ? `**${ways[way]}**` : ways[way],
    thousands(results.length),
    thousands(results.filter(({ report }) => report.isExhaustive).length),
    thousands(sumOf(results, ({ report }) => report.schedules)),
    ...broken.map((count) => (count === 0 ? '0' : `**${thousands(count)}**`)),
    errorsText(results) || '–',
  ]
}

/** How many of onerow's cells are exhaustive. */
export function coverageTable(runs: readonly EngineRun[]): string {
  const lines = runs.flatMap(({ engine, results }) =>
    [2, 3].map((sessions) => {
      const own = results.filter(({ cell }) => isOnerow(cell.way) && sessionsOf(cell) === sessions)
      const counts = [true, false].flatMap((isExhaustive) => {
        const part = own.filter(({ report }) => report.isExhaustive === isExhaustive)
        return [part.length, sumOf(part, ({ report }) => report.schedules)]
      })
      return [engine, String(sessions)].concat(counts.map(thousands))
    }),
  )
  return tableText(
    ['engine', 'sessions', 'exhaustive cells', 'their schedules', 'sampled cells', 'their schedules'],
    lines,
  )
}

/** All cells of a verb: what is the same at several levels is one line. */
export function verbTable(results: readonly Result[]): string {
  const shown = waysOf(results)
  const byPlace = Map.groupBy(results, ({ cell }) => placeOf(cell))
  const lines = [...byPlace.values()].flatMap((ofPlace) => {
    const byLevel = Map.groupBy(ofPlace, ({ cell }) => cell.level.name)
    const texts = [...byLevel].map(([level, ofLevel]) => ({
      level,
      cells: shown.map((way) => cellText(ofLevel.find(({ cell }) => cell.way === way))),
    }))
    const same = Map.groupBy(texts, ({ cells }) => cells.join('|'))
    return [...same.values()].map((group) => ({ place: ofPlace[0]?.cell, group }))
  })
  return tableText(
    ['in', 'who', 'level', ...shown.map((way) => ways[way])],
    lines.map(({ place, group: [first, ...rest] }) => {
      const levels = [first, ...rest].flatMap((each) => each?.level.toUpperCase() ?? [])
      const where = place ? [scopes[place.scope], place.cast.name, levels.join('; ')] : []
      return where.concat(first?.cells ?? [])
    }),
  )
}

const waysOf = (results: readonly Result[]) =>
  allWays.filter((way) => results.some(({ cell }) => cell.way === way))

const placeOf = ({ scope, cast }: Cell): string => `${scope}, ${cast.name}`

function cellText(result: Result | undefined): string {
  if (!result) return '–'
  const { schedules, isExhaustive, surprises } = result.report
  const found = allKinds.flatMap((kind) => {
    const count = countOf(result.report, kind)
    return count === 0 ? [] : [`**${count} ${kinds[kind]}**`]
  })
  const counted = `${isExhaustive ? '' : '~'}${schedules}${surprises.length > 0 ? '†' : ''}`
  return [counted, ...found, ...(result.report.errors.size > 0 ? [errorsText([result])] : [])].join(' · ')
}

function errorsText(results: readonly Result[]): string {
  const counts = new Map<string, number>()
  for (const { report } of results)
    for (const [error, count] of report.errors)
      counts.set(codeOf(error), (counts.get(codeOf(error)) ?? 0) + count)
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => `${thousands(count)} × \`${code}\``)
    .join(', ')
}
