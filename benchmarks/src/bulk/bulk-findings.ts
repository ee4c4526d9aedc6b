import type { Machine } from '../machine.ts'
import type { Settings } from '../settings-table.ts'
import { median, spread } from '../statistics.ts'
import type { Spread } from '../statistics.ts'
import type { ListFigures } from './measure-list.ts'

/** What one contestant took for one list in one round. */
export interface BulkFigures extends ListFigures {
  readonly length: number
  readonly contestant: string
}

/** All that a run has found out: bulk.json. */
export interface BulkFindings {
  readonly machine: Machine
  readonly settings: Settings
  readonly figures: readonly BulkFigures[]
  readonly failures: readonly string[]
}

/** A contestant's rounds together: medians, but for memory, of which the most counts. */
export interface BulkSummary {
  readonly rowsPerSecond: Spread
  /** In seconds. */
  readonly clientCpu: number
  readonly serverCpu: number
  /** In bytes. */
  readonly peakMemory: number
}

/** Undefined where it was not measured. */
export function summaryOf(
  { figures }: BulkFindings,
  length: number,
  contestant: string,
): BulkSummary | undefined {
  const its = figures.filter((each) => each.length === length && each.contestant === contestant)
  if (its.length === 0) return undefined
  return {
    rowsPerSecond: spread(its.map(({ rows, milliseconds }) => (1000 * rows) / milliseconds)),
    clientCpu: median(its.map(({ cpu }) => cpu)) / 1e6,
    serverCpu: median(its.map(({ serverCpu }) => serverCpu)) / 1e6,
    peakMemory: Math.max(...its.map(({ peakMemory }) => peakMemory)),
  }
}

/** The lengths that were measured. */
export function lengthsOf({ figures }: BulkFindings): readonly number[] {
  return [...new Set(figures.map(({ length }) => length))]
}
