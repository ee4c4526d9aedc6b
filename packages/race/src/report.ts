import { isError } from './is-error.ts'
import { jsonOf } from './json-report.ts'
import { pictureOf } from './picture.ts'
import type { Run } from './run.ts'
import { kindsOf, summaryOf, surpriseSentence, surprisesOf } from './summary.ts'

/** A schedule after which the invariant did not hold. */
export interface Violation {
  /**
   * What happened in it. Of those of which the invariant says the same, only the one with the fewest switches has it, and of 50
   * such kinds at most; the first of a report's violations always does. `replay` makes it again for the others.
   */
  readonly run: Run | undefined
  /** What the invariant said. */
  readonly error: unknown
  /** The schedule, to paste into `replay`. */
  readonly replay: string
  /** How many times another actor went on than the one before. */
  readonly switches: number
}

/** What an exploration has found. */
export interface Findings {
  /** Of the driver and the server: `pg, PostgreSQL 18.4`. */
  readonly server: string
  readonly actors: readonly string[]
  /** How many schedules were run to their end. */
  readonly schedules: number
  /** How many were left off, since they could come to nothing that another had not come to. */
  readonly cut: number
  /** How many times an actor could not be next because it was waiting for a lock. */
  readonly infeasible: number
  readonly seconds: number
  /** Those with the fewest switches first. */
  readonly violations: readonly Violation[]
  /** How many actors ended with an error, by what it said. */
  readonly errors: ReadonlyMap<string, number>
  /** Whether there are no more schedules. */
  readonly isExhaustive: boolean
  /** With which the samples were drawn, if there were more. */
  readonly seed?: number
  /** What went otherwise in two runs of one schedule: something that the explorer does not control. */
  readonly surprises: readonly string[]
}

/** The report of an exploration: `String(report)` is for people, `JSON.stringify(report)` for programs. */
export class Report implements Findings {
  declare readonly server: string
  declare readonly actors: readonly string[]
  declare readonly schedules: number
  declare readonly cut: number
  declare readonly infeasible: number
  declare readonly seconds: number
  declare readonly violations: readonly Violation[]
  declare readonly errors: ReadonlyMap<string, number>
  declare readonly isExhaustive: boolean
  declare readonly seed?: number
  declare readonly surprises: readonly string[]

  constructor(findings: Findings) {
    Object.assign(this, findings)
  }

  toString(): string {
    return textOf(this)
  }

  toJSON(): object {
    return jsonOf(this)
  }
}

function textOf(findings: Findings): string {
  const { actors, violations } = findings
  const [worst] = violations
  const surprises = surprisesOf(findings)
  const picture = worst?.run && pictureOf(worst.run, actors)
  const paragraphs = [
    [...summaryOf(findings), ...kindLines(findings), ...errorLines(findings)].join('\n'),
    ...(picture === undefined ? [] : [picture]),
    ...(worst ? [`${messageOf(worst.error)}\nTo see it again: replay(options, '${worst.replay}')`] : []),
    ...(surprises.length > 0 ? [[surpriseSentence, ...listed(surprises, 5)].join('\n')] : []),
  ]
  return paragraphs.join('\n\n')
}

/** Where the invariant says different things, how often each. */
function kindLines({ violations }: Findings): readonly string[] {
  const kinds = kindsOf(violations)
  if (kinds.length < 2) return []
  return listed(
    kinds.map(({ message, count, first }) => `${count} × ${message} (${first.replay})`),
    5,
  )
}

function errorLines({ errors }: Findings): readonly string[] {
  return [...errors].map(([kind, count]) => `${count} × an actor ended with "${kind}".`)
}

function listed(texts: readonly string[], most: number): readonly string[] {
  return [
    ...texts.slice(0, most).map((text) => `- ${text}`),
    ...(texts.length > most ? [`- and ${texts.length - most} more`] : []),
  ]
}

function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error)
}
