import type { Entrant } from '../contestants.ts'
import type { Kind } from '../contestant.ts'
import { lineChart } from '../line-chart.ts'
import type { Workload } from '../workload.ts'
import { chartName } from './document.ts'
import { lookupIn } from './findings.ts'
import type { Findings } from './findings.ts'
import { plan } from './plan.ts'

/** Shades for the contestants of each kind. */
const shades: Readonly<Record<Kind, readonly string[]>> = {
  limit: ['#111111', '#444444'],
  onerow: ['#1668dc', '#3c89e8', '#6aa8ef', '#0d47a1', '#4f9bd9', '#7cb7e8'],
  'by hand': ['#389e0d', '#7cb305'],
  own: ['#d4380d', '#d48806', '#c41d7f', '#9254de', '#8c6d46'],
}

/** An SVG for each workload: calls per second over callers, one process. */
export function charts(
  findings: Findings,
  contestants: readonly Entrant[],
): Readonly<Record<string, string>> {
  const [{ workloads }] = plan
  return Object.fromEntries(
    workloads.map((workload) => [chartName(workload), chartOf(workload, findings, contestants)]),
  )
}

function chartOf(workload: Workload, findings: Findings, contestants: readonly Entrant[]): string {
  const [{ name: part, callers }] = plan
  const { rate } = lookupIn(findings, contestants)
  const used = new Map<Kind, number>()
  const lines = contestants.flatMap(({ name, kind, main }) => {
    const values = callers.map((count) => rate({ part, workload, callers: count }, name)?.median ?? null)
    if (main !== true || values.every((value) => value === null)) return []
    const index = used.get(kind) ?? 0
    used.set(kind, index + 1)
    return [{ name, color: shades[kind][index] ?? '#888888', dashed: kind === 'limit', values }]
  })
  return lineChart({
    title: `${workload}: calls per second`,
    subtitle: `one client process, pools of 10, PostgreSQL ${findings.settings['PostgreSQL']}; dashed: limits`,
    across: { name: 'callers', values: callers.map(String) },
    up: 'calls/s',
    lines,
  })
}
