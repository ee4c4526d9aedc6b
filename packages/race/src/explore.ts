import { errorKind } from './error-kind.ts'
import { checkIsolation, checkOptions } from './check-options.ts'
import { perform } from './perform.ts'
import { Report } from './report.ts'
import type { Choose, Run } from './run.ts'
import type { Scenario } from './run-under-way.ts'
import { anyOf, randomFrom } from './sample.ts'
import { GivenSchedule } from './given-schedule.ts'
import { parseSchedule } from './schedule.ts'
import type { Fault } from './schedule.ts'
import type { Isolation, OpenSessions, Sessions } from './sessions.ts'
import { Tree } from './tree.ts'
import { Violations } from './violations.ts'

/** Runs actors one after the other, from a fresh setup, and then looks at what they have left. */
export type Serially = <Seen>(order: readonly string[], look: () => Promise<Seen> | Seen) => Promise<Seen>

/** What must hold after every schedule: it throws or answers `false` where it does not. */
export type Invariant = (run: Run, serially: Serially) => unknown

/** What is explored. */
export interface RaceOptions {
  /** The driver's gates: `pgSessions(pg, { connectionString })`, … */
  readonly sessions: Sessions
  /** Brings the database to where each schedule begins. */
  readonly setup: () => unknown
  /** The application's own functions, by names for the report. Each is called once in each schedule. */
  readonly actors: Readonly<Record<string, () => unknown>>
  readonly invariant: Invariant
  /**
   * The level of the actors' transactions that name none; as their connections are set unless told. The gates tell each connection
   * before its first step, which is no step itself, and tell it at the end what it was told before.
   */
  readonly isolation?: Isolation | undefined
  /** How long nothing may happen, in milliseconds, until a schedule is given up; 10,000 unless told. */
  readonly patience?: number
}

/** How to explore it. */
export interface ExploreOptions extends RaceOptions {
  /** `none` runs every order of the steps; unless told, one is left out that differs from another in nothing that matters. */
  readonly reduction?: 'none' | 'sleep sets'
  /** What may go wrong with a step; nothing unless told. */
  readonly faults?: readonly Fault[]
  /** How many things may go wrong in one schedule; 1 unless told. */
  readonly mostFaults?: number
  /** How many schedules are run in order, at most; 2,000 unless told. If there are more, samples follow. */
  readonly limit?: number
  /** How many schedules are drawn then; 500 unless told. */
  readonly samples?: number
  /** Of the drawing; any whole number. */
  readonly seed?: number
  /** Is told after each run. */
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly schedules: number
  readonly violations: number
  /** How much of what is to be run has been run, from 0 to 1 and never less than before: an estimate, exact at the end. */
  readonly share: number
}

/**
 * Runs the actors in every order that their statements can take, and tells in which the invariant breaks.
 *
 * Before each schedule `setup` runs; after each, `invariant`. One run that does not count comes first, for the pools to fill.
 *
 * @returns the report: `String(report)` is for people
 * @throws `StuckError` when an actor waits for what never comes; `TypeError` when the options make no sense, or the driver is
 *   not the one that the application runs on; what `setup` throws
 * @example
 * ```ts
 * const report = await explore({
 *   sessions: pgSessions(pg, { connectionString }),
 *   setup: () => pool.query('truncate document'),
 *   actors: { first: () => saveDocument(7, 'PAN_CARD'), second: () => saveDocument(7, 'PAN_CARD') },
 *   invariant: exactlyOneRow(() => pool.query('select * from document')),
 * })
 * ```
 */
export async function explore(options: ExploreOptions): Promise<Report> {
  const {
    reduction = 'sleep sets',
    faults = [],
    mostFaults = 1,
    limit = 2000,
    samples = 500,
    seed = 1,
  } = options
  checkOptions(options)
  await using sessions = await openSessions(options)
  const race = new Race(options, sessions)
  const tree = new Tree({ isReduced: reduction === 'sleep sets', faults, mostFaults })
  await race.warmUp()
  // The tree is at its end before the limit, or the samples are: whichever is nearer.
  const tell = () => race.tell(Math.max(tree.share, race.runs / (limit + samples)))
  let hasMore = true
  while (hasMore && race.runs < limit) {
    await race.run(tree.choose)
    hasMore = tree.next()
    tell()
  }
  const random = randomFrom(seed)
  for (let left = hasMore ? samples : 0; left > 0; left--) {
    await race.run(anyOf(random, { faults, mostFaults }))
    tell()
  }
  const { infeasible, surprises } = tree
  return race.report({ infeasible, surprises, isExhaustive: !hasMore, ...(hasMore && { seed }) })
}

/**
 * Runs one schedule once more.
 *
 * @param schedule as a report gives it: `first*2 second*4 first*2`
 * @returns the report of that schedule alone
 * @throws `ScheduleError` when the actors no longer go that way; `TypeError` when it is no schedule of these actors; else as
 *   `explore`
 */
export async function replay(options: RaceOptions, schedule: string): Promise<Report> {
  const choices = parseSchedule(schedule, Object.keys(options.actors))
  await using sessions = await openSessions(options)
  const race = new Race({ ...options, faults: choices.flatMap(({ fault }) => fault ?? []) }, sessions)
  await race.warmUp()
  const given = new GivenSchedule(choices)
  await race.run(given.choose)
  given.check()
  return race.report({ infeasible: 0, surprises: [], isExhaustive: false })
}

async function openSessions({ sessions, isolation }: RaceOptions): Promise<OpenSessions> {
  checkIsolation(isolation)
  const opened = await sessions.open({ isolation })
  if (isolation === undefined || isolation === opened.isolation) return opened
  await opened[Symbol.asyncDispose]()
  throw new TypeError(`The gates of ${opened.name} do not know how to give connections an isolation level.`)
}

/** Each in turn, so that as many connections are open at once as ever will be. */
function inTurns(): Choose {
  let turn = 0
  return ({ ready }) => ready[turn++ % ready.length]
}

/** Runs schedules, and counts what comes of them. */
class Race {
  readonly #options: ExploreOptions
  readonly #scenario: Scenario
  #started = performance.now()
  readonly #violations = new Violations()
  readonly #errors = new Map<string, number>()
  schedules = 0
  /** How many were left off, as they would have come to what another has come to. */
  cut = 0

  get runs(): number {
    return this.schedules + this.cut
  }

  constructor(options: ExploreOptions, sessions: OpenSessions) {
    const { actors, faults = [], patience = 10_000 } = options
    this.#options = options
    this.#scenario = { sessions, actors, faults, patience }
  }

  /**
   * One run that does not count: after it, pools have as many connections as they ever will, and tools know their tables.
   *
   * @throws `TypeError` when no gate has seen anything
   */
  async warmUp(): Promise<void> {
    await this.#options.setup()
    const { steps } = await perform(this.#scenario, inTurns())
    if (steps.length === 0)
      throw new TypeError(
        `No statement of any actor came to a gate of ${this.#scenario.sessions.name}. Give \`sessions\` the driver that the ` +
          'application runs on, as it imports it: another copy of the package has no gates.',
      )
    this.#started = performance.now()
  }

  async run(choose: Choose): Promise<void> {
    await this.#options.setup()
    const run = await perform(this.#scenario, choose)
    if (!run.isComplete) {
      this.cut++
      return
    }
    this.schedules++
    this.#countErrors(run)
    const broken = await this.#broken(run)
    if (broken) this.#violations.add(run, broken.error)
  }

  tell(share: number): void {
    this.#options.onProgress?.({ schedules: this.schedules, violations: this.#violations.count, share })
  }

  report(found: {
    readonly infeasible: number
    readonly surprises: readonly string[]
    readonly isExhaustive: boolean
    readonly seed?: number
  }): Report {
    return new Report({
      ...found,
      server: [this.#scenario.sessions.name, this.#options.isolation ?? []].flat().join(', '),
      actors: Object.keys(this.#options.actors),
      schedules: this.schedules,
      cut: this.cut,
      seconds: (performance.now() - this.#started) / 1000,
      violations: this.#violations.sorted(),
      errors: this.#errors,
    })
  }

  async #broken(run: Run): Promise<{ readonly error: unknown } | undefined> {
    try {
      const holds = await this.#options.invariant(run, (order, look) => this.#serially(order, look))
      return holds === false ? { error: new Error('The invariant does not hold.') } : undefined
    } catch (error) {
      return { error }
    }
  }

  async #serially<Seen>(order: readonly string[], look: () => Promise<Seen> | Seen): Promise<Seen> {
    await this.#options.setup()
    for (const name of order) await this.#options.actors[name]?.()
    return look()
  }

  #countErrors({ endings }: Run): void {
    for (const ending of endings.values()) {
      if (!('error' in ending)) continue
      const kind = errorKind(ending.error)
      this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1)
    }
  }
}
