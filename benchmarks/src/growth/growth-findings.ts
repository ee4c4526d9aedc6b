import type { Machine } from '../machine.ts'
import type { Settings } from '../settings-table.ts'
import { median } from '../statistics.ts'

/** The calls per second of one contestant, in a table of so many rows, with so many callers. */
export interface GrowthFigures {
  readonly rows: number
  readonly workload: 'hit' | 'miss'
  readonly callers: number
  readonly contestant: string
  /** One for each round. */
  readonly perSecond: readonly number[]
}

/** All that a run has found out: growth.json. */
export interface GrowthFindings {
  readonly machine: Machine
  readonly settings: Settings
  readonly figures: readonly GrowthFigures[]
  readonly failures: readonly string[]
}

type Place = Omit<GrowthFigures, 'perSecond'>

/** The median of the rounds; undefined where it was not measured. */
export function rateIn({ figures }: GrowthFindings, place: Place): number | undefined {
  const found = figures.find(
    (each) =>
      each.rows === place.rows &&
      each.workload === place.workload &&
      each.callers === place.callers &&
      each.contestant === place.contestant,
  )
  return found && median(found.perSecond)
}

/** The different values of a property, in their order. */
export function valuesOf<Name extends 'rows' | 'callers' | 'contestant'>(
  { figures }: GrowthFindings,
  name: Name,
): readonly GrowthFigures[Name][] {
  const values = [...new Set(figures.map((each) => each[name]))]
  return values.every((value) => typeof value === 'number') ? values.toSorted((a, b) => a - b) : values
}
