import { itemCount } from '../item-table.ts'
import { lineChart } from '../line-chart.ts'
import type { Line } from '../line-chart.ts'
import { figure } from '../markdown-table.ts'
import { rateIn, valuesOf } from './growth-findings.ts'
import type { GrowthFindings } from './growth-findings.ts'

/** Of each contestant, with one caller and with many. */
const colors: Readonly<Record<string, readonly [string, string]>> = {
  'pg: SELECT': ['#111111', '#777777'],
  'pg: INSERT': ['#111111', '#777777'],
  'pg: onerow': ['#0d47a1', '#1668dc'],
  'pg: onerow, coalesce: false': ['#389e0d', '#7cb305'],
}

/** An SVG over the rows, for hits and for misses; and one over the callers. */
export function growthCharts(findings: GrowthFindings): Readonly<Record<string, string>> {
  return {
    'growth-hit.svg': overRows(findings, 'hit'),
    'growth-miss.svg': overRows(findings, 'miss'),
    'growth-callers.svg': overCallers(findings),
  }
}

function overRows(findings: GrowthFindings, workload: 'hit' | 'miss'): string {
  const sizes = valuesOf(findings, 'rows')
  const lines = valuesOf(findings, 'contestant').flatMap((contestant) =>
    [1, 64].map((callers, index) => ({
      name: `${contestant} (${callers})`,
      color: colorOf(contestant, index),
      values: sizes.map((rows) => rateIn(findings, { rows, workload, callers, contestant }) ?? null),
    })),
  )
  return chart(`${workload}: calls per second over the rows of the table`, lines, {
    name: 'rows',
    values: sizes.map(figure),
  })
}

function overCallers(findings: GrowthFindings): string {
  const counts = valuesOf(findings, 'callers')
  const place = { rows: itemCount, workload: 'hit' } as const
  const lines = valuesOf(findings, 'contestant').map((contestant) => ({
    name: contestant,
    color: colorOf(contestant, 0),
    values: counts.map((callers) => rateIn(findings, { ...place, callers, contestant }) ?? null),
  }))
  return chart('hit: calls per second over the callers', lines, {
    name: 'callers',
    values: counts.map(String),
  })
}

function colorOf(contestant: string, shade: number): string {
  return colors[contestant]?.[shade] ?? '#888888'
}

function chart(
  title: string,
  lines: readonly Omit<Line, 'dashed'>[],
  across: { readonly name: string; readonly values: readonly string[] },
): string {
  return lineChart({
    title,
    subtitle: 'one client process, pools of 10; dashed: limits',
    across,
    up: 'calls/s',
    lines: lines
      .filter(({ values }) => values.some((value) => value !== null))
      .map((line) => Object.assign({ dashed: !line.name.includes('onerow') }, line)),
  })
}
