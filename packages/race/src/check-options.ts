import type { ExploreOptions } from './explore.ts'
import { checkActorNames, faults } from './schedule.ts'
import type { Isolation } from './sessions.ts'

/** Refuses what only a caller without types can pass, or what would explore nothing without saying so. @throws `TypeError` */
export function checkOptions(options: ExploreOptions): void {
  checkActorNames(Object.keys(options.actors))
  checkWhole(options, 'limit', 1)
  checkWhole(options, 'samples', 0)
  checkWhole(options, 'mostFaults', 0)
  checkWhole(options, 'patience', 1)
  const { reduction = 'sleep sets', seed = 1 } = options
  if (!Number.isInteger(seed)) throw new TypeError(`seed must be a whole number; got ${seed}.`)
  if (!['none', 'sleep sets'].includes(reduction))
    throw new TypeError(`reduction is "none" or "sleep sets"; got "${reduction}".`)
  for (const fault of options.faults ?? []) {
    if (!faults.includes(fault))
      throw new TypeError(`There is no fault "${fault}"; there are ${faults.join(', ')}.`)
  }
}

export const isolationLevels: readonly Isolation[] = [
  'read uncommitted',
  'read committed',
  'repeatable read',
  'serializable',
]

/** As it goes into a statement, it is one that there is. @throws `TypeError` */
export function checkIsolation(isolation: Isolation | undefined): void {
  if (isolation !== undefined && !isolationLevels.includes(isolation))
    throw new TypeError(
      `There is no isolation level "${isolation}"; there are ${isolationLevels.join(', ')}.`,
    )
}

function checkWhole(
  options: ExploreOptions,
  name: 'limit' | 'samples' | 'mostFaults' | 'patience',
  least: number,
): void {
  const value = options[name]
  if (value !== undefined && !(Number.isInteger(value) && value >= least))
    throw new TypeError(`${name} must be a whole number from ${least} up; got ${value}.`)
}
