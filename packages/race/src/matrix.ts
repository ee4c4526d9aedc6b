import { pictureOf } from './picture.ts'
import type { Report } from './report.ts'
import type { Isolation } from './sessions.ts'
import { oneLine, shortError } from './short-text.ts'
import { surpriseSentence } from './summary.ts'

/** A race at an isolation level. */
export interface Cell {
  readonly race: string
  /** Undefined where connections were left as they are. */
  readonly isolation: Isolation | undefined
  readonly report: Report
}

/** The reports of some races at some isolation levels: `String(matrix)` is for people. */
export class Matrix {
  readonly reports: readonly Cell[]

  constructor(reports: readonly Cell[]) {
    this.reports = reports
  }

  toString(): string {
    const surprising = this.reports.filter(({ report }) => report.surprises.length > 0).map(nameOf)
    return [
      tableOf(this.reports),
      ...worstOf(this.reports),
      ...(surprising.length > 0 ? [[surpriseSentence, ...surprising].join('\n- ')] : []),
    ].join('\n\n')
  }
}

const nameOf = ({ race, isolation }: Cell): string => oneLine([race, isolation ?? []].flat().join(', '))

/** The lines of a column, whose first says what is in it. */
interface Column {
  readonly title: string
  readonly isNumber?: boolean
  readonly lines: (cell: Cell, before: Cell | undefined) => readonly string[]
}

const columns: readonly Column[] = [
  { title: '', lines: ({ race }, before) => [race === before?.race ? '' : oneLine(race)] },
  { title: 'isolation', lines: ({ isolation }) => [isolation ?? 'as it is set'] },
  {
    title: 'schedules',
    isNumber: true,
    lines: ({ report }) => [`${report.isExhaustive ? '' : 'more than '}${report.schedules}`],
  },
  { title: 'infeasible', isNumber: true, lines: ({ report }) => [String(report.infeasible)] },
  { title: 'violating', isNumber: true, lines: ({ report }) => [String(report.violations.length)] },
  { title: 'errors', lines: ({ report }) => [...report.errors].map(([kind, count]) => `${count} × ${kind}`) },
]

function tableOf(cells: readonly Cell[]): string {
  const rows = cells.map((cell, index) => columns.map(({ lines }) => lines(cell, cells[index - 1])))
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.flatMap((row) => (row[index] ?? []).map(({ length }) => length))),
  )
  const lineOf = (texts: readonly string[]) =>
    columns
      .map(({ isNumber }, index) => {
        const [text = '', width = 0] = [texts[index], widths[index]]
        return isNumber ? text.padStart(width) : text.padEnd(width)
      })
      .join(' │ ')
      .trimEnd()
  return [
    lineOf(columns.map(({ title }) => title)),
    widths.map((width) => '─'.repeat(width)).join('─┼─'),
    ...rows.flatMap((row) => {
      const height = Math.max(...row.map(({ length }) => length))
      return Array.from({ length: height }, (_, line) => lineOf(row.map((lines) => lines[line] ?? '')))
    }),
  ].join('\n')
}

/** The race and level at which the largest share of the schedules breaks the invariant, if any does. */
function worstOf(cells: readonly Cell[]): readonly string[] {
  const [worst] = cells.toSorted((a, b) => shareOf(b) - shareOf(a))
  const [violation] = worst?.report.violations ?? []
  if (!worst || !violation) return []
  const { race, isolation, report } = worst
  const level = isolation ? `, isolation: '${isolation}'` : ''
  return [
    `${nameOf(worst)}:`,
    ...(violation.run ? [pictureOf(violation.run, report.actors)] : []),
    `${shortError(violation.error)}\nTo see it again: replay({ ...races[${JSON.stringify(race)}]${level} }, '${violation.replay}')`,
  ]
}

const shareOf = ({ report }: Cell): number => report.violations.length / Math.max(report.schedules, 1)
