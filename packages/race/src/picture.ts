import { blocksOf } from './blocks.ts'
import type { Run } from './run.ts'

/** So many signs is a line long, as long as the columns do not get too narrow to read. */
const widest = 100
const narrowest = 24

/**
 * A run as a picture: a column for each actor, time going down, what came of each step under it. A dotted line goes down the column
 * of an actor who waits.
 *
 * @param actors in the order of their columns
 */
export function pictureOf(run: Run, actors: readonly string[]): string {
  const gutter = String(run.steps.length).length + 2
  const between = ' │ '
  const free = widest - gutter - between.length * (actors.length - 1)
  const width = Math.max(narrowest, Math.floor(free / actors.length))
  const blocks = blocksOf(run, { width, rows: 3 })
  const columns = actors.map((actor) =>
    Math.max(
      actor.length,
      ...blocks.flatMap((block) => (block.actor === actor ? block.lines.map(({ text }) => text.length) : [])),
    ),
  )
  const lineOf = (number: string, textOf: (actor: string) => string) => {
    const cells = actors.map((actor, index) => textOf(actor).padEnd(columns[index] ?? 0))
    return `${number.padStart(gutter - 2)}  ${cells.join(between)}`.trimEnd()
  }
  const waiting = new Set<string>()
  const body = blocks.flatMap(({ actor, number, lines, waiting: change }) => {
    if (change === 'ends') waiting.delete(actor)
    const texts = lines.map(({ text }, index) =>
      lineOf(index === 0 && number !== undefined ? String(number) : '', (each) =>
        each === actor ? text : waiting.has(each) ? '┊' : '',
      ),
    )
    if (change === 'begins') waiting.add(actor)
    return texts
  })
  const rule = `${'─'.repeat(gutter)}${columns.map((column) => '─'.repeat(column)).join('─┼─')}`
  return [lineOf('', (actor) => actor), rule, ...body].join('\n')
}
