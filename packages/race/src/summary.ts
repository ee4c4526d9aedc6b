import type { Findings, Violation } from './report.ts'
import { shortError } from './short-text.ts'

/** What an exploration comes to, in a few sentences. */
export function summaryOf(findings: Findings): readonly string[] {
  const { actors, server, infeasible, violations, schedules } = findings
  return [
    `${actors.join(', ')} on ${server}: ${ranOf(findings)}`,
    violations.length === 0
      ? schedules === 0
        ? 'No schedule was run to its end.'
        : 'The invariant held after each.'
      : `The invariant broke in ${violations.length} of them.`,
    ...(infeasible > 0
      ? [`${times(infeasible)}, an actor could not be next: it was waiting for a lock.`]
      : []),
  ]
}

function ranOf({ schedules, cut, isExhaustive, seed, seconds }: Findings): string {
  const ran = schedules === 1 ? '1 schedule' : `${schedules} schedules`
  const all = isExhaustive
    ? 'all that matter'
    : seed === undefined
      ? 'by request'
      : `there are more; seed ${seed}`
  const left = cut > 0 ? `, ${cut} more left off as soon as they repeated one of these` : ''
  return `${ran} run (${all})${left}, in ${seconds.toFixed(1)} s.`
}

const times = (count: number) => (count === 1 ? 'Once' : `${count} times`)

/** Violations of which the invariant says the same. */
export interface Kind {
  readonly message: string
  readonly count: number
  /** The one with the fewest switches. */
  readonly first: Violation
}

/** The violations by what the invariant says, the most frequent first. */
export function kindsOf(violations: readonly Violation[]): readonly Kind[] {
  const kinds = Map.groupBy(violations, ({ error }) => shortError(error))
  return [...kinds]
    .flatMap(([message, [first, ...others]]) => (first ? [{ message, count: others.length + 1, first }] : []))
    .toSorted((a, b) => b.count - a.count)
}

/** The surprises, each once. */
export const surprisesOf = ({ surprises }: Findings): readonly string[] => [...new Set(surprises)]

export const surpriseSentence =
  'The same schedule did not always go the same way, so something else decides too (a timer, a random number, what a run before has left):'
