import type { Entrant } from '../contestants.ts'
import type { Machine } from '../machine.ts'
import { spread } from '../statistics.ts'
import type { Spread } from '../statistics.ts'
import type { Workload } from '../workload.ts'
import type { Rates } from './measure-rates.ts'
import type { PartName } from './plan.ts'

/** All that a run has found out: calls.json. */
export interface Findings {
  readonly machine: Machine
  readonly settings: Readonly<Record<string, string | number>>
  readonly rates: readonly Rates[]
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
  /**
   * By how much a contestant was faster than another in the same round, when both were measured seconds apart: the machine drifts
   * from round to round, so a ratio of medians would often be that of one round's figure to another's.
   */
  readonly ratio: (place: Place, contestant: string, other: string) => Spread | undefined
  /** Which of these contestants made the most calls. */
  readonly fastest: (place: Place, among: (contestant: Entrant) => boolean) => string | undefined
}

export function lookupIn({ rates }: Pick<Findings, 'rates'>, contestants: readonly Entrant[]): Lookup {
  const roundsOf = ({ part, workload, callers }: Place, contestant: string) =>
    rates.find(
      (each) =>
        each.part === part &&
        each.workload === workload &&
        each.callers === callers &&
        each.contestant === contestant,
    )?.perSecond ?? []
  const rate: Lookup['rate'] = (place, contestant) => spreadOfKnown(roundsOf(place, contestant))
  return {
    rate,
    ratio(place, contestant, other) {
      const theirs = roundsOf(place, other)
      const ratios = roundsOf(place, contestant).map((perSecond, round) =>
        quotient(perSecond, theirs[round] ?? null),
      )
      return spreadOfKnown(ratios)
    },
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

function quotient(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null ? null : dividend / divisor
}

/** Undefined where nothing is known. */
function spreadOfKnown(values: readonly (number | null)[]): Spread | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : spread(known)
}

export const isSafeOwnCallOfAnOrm = (contestant: Entrant): boolean =>
  contestant.kind === 'own' && contestant.safe && contestant.isOrm === true

export const isSafeByHand = (contestant: Entrant): boolean => contestant.kind === 'by hand' && contestant.safe

/** The bare statement that a workload cannot be faster than, one call by one; there is none for a mixture. */
export function limitOf(workload: Workload): string | undefined {
  if (workload === '90/10') return undefined
  return workload === 'miss' ? 'pg: INSERT' : 'pg: SELECT'
}
