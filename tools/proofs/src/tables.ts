import { countOf } from './broken-promises.ts'
import { scopes, ways } from './cell.ts'
import type { Cell, Way } from './cell.ts'
import type { Result } from './run-cell.ts'
import { sumOf, tableText, thousands } from './text.ts'
import type { Kind } from './verdict.ts'

// An object's keys are strings to TypeScript, as there may be more of them than its type tells; of these there are not.
const allWays = Object.keys(ways) as Way[]

const kinds: Readonly<Record<Kind, string>> = {
  duplicates: 'two rows',
  'lost update': 'lost update',
  'false answer': 'false answer',
}

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
    allWays.map((way) => {
      const own = results.filter(({ cell }) => cell.way === way)
      return [
        way === 'onerow' ? '**onerow**' : ways[way],
        thousands(own.length),
        thousands(own.filter(({ report }) => report.isExhaustive).length),
        thousands(sumOf(own, ({ report }) => report.schedules)),
        ...Object.keys(kinds).map((kind) => {
          const count = sumOf(own, ({ report }) => countOf(report, kind as Kind))
          return count === 0 ? '0' : `**${thousands(count)}**`
        }),
        errorsText(own) || '–',
      ]
    }),
  )
}

/** All cells of a verb: what is the same at several levels is one line. */
export function verbTable(results: readonly Result[]): string {
  const shown = allWays.filter((way) => results.some(({ cell }) => cell.way === way))
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

const placeOf = ({ scope, cast }: Cell): string => `${scope}, ${cast.name}`

function cellText(result: Result | undefined): string {
  if (!result) return '–'
  const { schedules, isExhaustive, surprises } = result.report
  const found = Object.entries(kinds).flatMap(([kind, text]) => {
    const count = countOf(result.report, kind as Kind)
    return count === 0 ? [] : [`**${count} ${text}**`]
  })
  const counted = `${isExhaustive ? '' : '~'}${schedules}${surprises.length > 0 ? '†' : ''}`
  return [counted, ...found, ...(result.report.errors.size > 0 ? [errorsText([result])] : [])].join(' · ')
}

function errorsText(results: readonly Result[]): string {
  const counts = new Map<string, number>()
  for (const { report } of results)
    for (const [kind, count] of report.errors) counts.set(kind, (counts.get(kind) ?? 0) + count)
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${thousands(count)} × \`${kind}\``)
    .join(', ')
}
