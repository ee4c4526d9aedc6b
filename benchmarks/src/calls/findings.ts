import type { Entrant } from '../contestants.ts'
import type { Machine } from '../machine.ts'
import { spread } from '../statistics.ts'
import type { Spread } from '../statistics.ts'
import type { Workload } from '../workload.ts'
import type { Costs } from './measure-costs.ts'
import type { Rates } from './measure-rates.ts'
import type { PartName } from './plan.ts'

/** All that a run has found out: calls.json. */
export interface Findings {
  readonly machine: Machine
  readonly settings: Readonly<Record<string, string | number>>
  readonly rates: readonly Rates[]
  readonly costs: readonly Costs[]
  /** Who could not be measured, where, and why. */
  readonly failures: readonly string[]
}

/** Where a figure stands. */
export interface Place {
  readonly part: PartName
  readonly workload: Workload
  readonly callers: number
}

/** Finds figures in what was measured; undefined where it was not. */
export interface Lookup {
  readonly rate: (place: Place, contestant: string) => Spread | undefined
  /** Which of these contestants made the most calls. */
  readonly fastest: (place: Place, among: (contestant: Entrant) => boolean) => string | undefined
}

export function lookupIn({ rates }: Pick<Findings, 'rates'>, contestants: readonly Entrant[]): Lookup {
  const rate: Lookup['rate'] = ({ part, workload, callers }, contestant) => {
    const found = rates.find(
      (each) =>
        each.part === part &&
        each.workload === workload &&
        each.callers === callers &&
        each.contestant === contestant,
    )
    return found && spread(found.perSecond)
  }
  return {
    rate,
    fastest(place, among) {
      const names = contestants.filter(among).map(({ name }) => name)
      const medians = names.flatMap((name) => {
        const measured = rate(place, name)
        return measured ? [{ name, median: measured.median }] : []
      })
      return medians.toSorted((a, b) => b.median - a.median)[0]?.name
    },
  }
}

export const isSafeOwnCallOfAnOrm = (contestant: Entrant): boolean =>
  contestant.kind === 'own' && contestant.safe && contestant.isOrm === true

export const isSafeByHand = (contestant: Entrant): boolean => contestant.kind === 'by hand' && contestant.safe

/** The bare statement that a workload cannot be faster than, one call by one; there is none for a mixture. */
export function limitOf(workload: Workload): string | undefined {
  if (workload === '90/10') return undefined
  return workload === 'miss' ? 'pg: INSERT' : 'pg: SELECT'
}
