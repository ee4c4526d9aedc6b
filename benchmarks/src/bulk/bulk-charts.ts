import { barChart } from '../bar-chart.ts'
import { kindColors } from '../kind-colors.ts'
import { figure } from '../markdown-table.ts'
import type { BulkEntrant } from './bulk-contestants.ts'
import { lengthsOf, summaryOf } from './bulk-findings.ts'
import type { BulkFindings } from './bulk-findings.ts'

export function chartName(length: number): string {
  return `bulk-${length}.svg`
}

/** An SVG for each length: rows per second. */
export function bulkCharts(
  findings: BulkFindings,
  contestants: readonly BulkEntrant[],
): Readonly<Record<string, string>> {
  const chart = (length: number) => {
    const bars = contestants.flatMap(({ name, kind, updates }) => {
      const summary = updates ? undefined : summaryOf(findings, length, name)
      return summary ? [{ name, color: kindColors[kind], value: summary.rowsPerSecond.median }] : []
    })
    const subtitle = `rows per second; half of the keys exist, all rows come back; PostgreSQL ${findings.settings['PostgreSQL']}`
    return barChart(`A list of ${figure(length)} keys`, subtitle, bars)
  }
  return Object.fromEntries(lengthsOf(findings).map((length) => [chartName(length), chart(length)]))
}
