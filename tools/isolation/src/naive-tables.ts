import { naiveSituations, naiveWays } from './naive.ts'
import type { NaiveCell } from './naive.ts'
import type { EngineRun } from './run-isolation.ts'
import { groupByText, tableText } from './text.ts'

/** What the first story's code comes to, with or without a unique index. */
export function naiveTable(runs: readonly EngineRun[], isUnique: boolean): string {
  const head = ['engine', 'the code in', 'level', ...naiveSituations.map(({ name }) => `rival: ${name}`)]
  const rows = runs.flatMap(({ engine, naive }) =>
    (['autocommit', 'transaction', 'savepoint'] as const).flatMap((way) => {
      const cells = naive.filter((cell) => cell.isUnique === isUnique && cell.way === way)
      const cellsAt = (level: NaiveCell['level']) =>
        cells.filter((cell) => cell.level === level).map(naiveText)
      return groupByText(engine.levels, (level) => cellsAt(level).join(' | ')).map(({ items, text }) => [
        engine.name,
        naiveWays[way],
        items.length === engine.levels.length ? 'every level' : items.map(({ name }) => name).join('; '),
        text,
      ])
    }),
  )
  return tableText(head, rows)
}

function naiveText({ rows, told, rivalTold, rivalWaited, situation }: NaiveCell): string {
  const count = rows === 0 ? 'no row' : rows === 1 ? '1 row' : `**${rows} rows**`
  const rival =
    rivalTold === (situation.ends === 'commit' ? 'created' : 'rolled back') ? [] : [`then \`${rivalTold}\``]
  const rivals = [...(rivalWaited ? ['waits'] : []), ...rival]
  return [count, toldText(told), ...(rivals.length > 0 ? [`rival ${rivals.join(', ')}`] : [])].join(' · ')
}

function toldText(told: string): string {
  return told.replace(/^\w+/, (word) => `\`${word}\``)
}
