import type { Violation } from './report.ts'
import type { Run } from './run.ts'
import { formatSchedule, switchesIn } from './schedule.ts'
import { shortError } from './short-text.ts'

/** Of so many kinds of violations a run is kept, at most. */
const most = 50

type Recorded = { -readonly [Property in keyof Violation]: Violation[Property] }

/**
 * The violations found so far. There can be tens of thousands, and a run holds all that its steps have read; so of those of which the
 * invariant says the same, only the one with the fewest switches keeps its run.
 */
export class Violations {
  readonly #all: Recorded[] = []
  /** Those that have their runs, by what the invariant says. */
  readonly #kept = new Map<string, Recorded>()

  get count(): number {
    return this.#all.length
  }

  add(run: Run, error: unknown): void {
    const { choices } = run
    const [kind, switches] = [shortError(error), switchesIn(choices)]
    const violation: Recorded = { run: undefined, error, replay: formatSchedule(choices), switches }
    this.#all.push(violation)
    const known = this.#kept.get(kind)
    if (known && known.switches <= switches) return
    if (known) known.run = undefined
    violation.run = run
    this.#kept.set(kind, violation)
    if (this.#kept.size > most) this.#letGoOfOne()
  }

  /** Those with the fewest switches first. */
  sorted(): readonly Violation[] {
    return bySwitches(this.#all, (violation) => violation)
  }

  #letGoOfOne(): void {
    const last = bySwitches([...this.#kept], ([, violation]) => violation).at(-1)
    if (!last) return
    const [kind, violation] = last
    violation.run = undefined
    this.#kept.delete(kind)
  }
}

function bySwitches<Value>(values: readonly Value[], of: (value: Value) => Violation): Value[] {
  return values.toSorted((a, b) => of(a).switches - of(b).switches)
}
