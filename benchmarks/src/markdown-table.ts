import type { Spread } from './statistics.ts'

/** A table of Markdown. The first column is words, aligned left; the others are figures, aligned right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: (column: number) => 'left' | 'right' = (column) => (column === 0 ? 'left' : 'right'),
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, column) => (align(column) === 'left' ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** `12 345` from a hundred upwards, `12.3` and `1.23` below, and a dash for what is not known. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
  return String(Number(value.toPrecision(3)))
}

/** The median, with the least and the most. */
export function figureOf(spread: Spread | undefined, show: (value: number) => string = figure): string {
  return spread
    ? `**${show(spread.median)}** (${show(spread.least)}–${show(spread.most)})`
    : figure(undefined)
}
