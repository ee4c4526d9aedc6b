import { figure, markdownTable } from '../markdown-table.ts'
import type { Costs } from './measure-costs.ts'

const columns = {
  statements: 'statements',
  roundTrips: 'round trips',
  walBytes: 'WAL bytes',
  rowVersions: 'row versions',
  sequenceValues: 'sequence values',
  clientCpu: 'client CPU µs',
  serverCpu: 'server CPU µs',
} as const satisfies Partial<Record<keyof Costs, string>>

/** What one call of each contestant costs, for a hit and for a miss. */
export function costTables(costs: readonly Costs[]): string {
  // Their own keys.
  const names = Object.keys(columns) as (keyof typeof columns)[]
  return (['hit', 'miss'] as const)
    .map((workload) => {
      const rows = costs
        .filter((cost) => cost.workload === workload)
        .map((cost) => [cost.contestant].concat(names.map((name) => figure(cost[name]))))
      return `### A ${workload}\n\n${markdownTable(['each call', ...Object.values(columns)], rows)}`
    })
    .join('\n\n')
}
