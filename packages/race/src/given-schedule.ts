import type { Situation } from './run.ts'
import { formatSchedule } from './schedule.ts'
import type { Choice } from './schedule.ts'
import { ScheduleError } from './schedule-error.ts'
import { cut, oneLine } from './short-text.ts'

/** A schedule to go by; after its end, whoever can go on. */
export class GivenSchedule {
  readonly #choices: readonly Choice[]
  #next = 0
  #misfit: string | undefined

  constructor(choices: readonly Choice[]) {
    this.#choices = choices
  }

  /** To be asked in a run: nobody is next where the schedule does not fit. */
  readonly choose = (situation: Situation): Choice | undefined => {
    const choice = this.#choices[this.#next]
    const { ready, waiting } = situation
    if (!choice) return ready[0]
    const able = choice.fault === 'kill' ? waiting : ready
    if (!able.some(({ actor }) => actor === choice.actor)) {
      this.#misfit = misfitOf(choice, situation)
      return undefined
    }
    this.#next++
    return choice
  }

  /** To be called after the run. @throws `ScheduleError` when the schedule did not fit it, or went on after its end */
  check(): void {
    const left = this.#choices.slice(this.#next)
    const misfit =
      this.#misfit ??
      (left.length > 0 ? `All have ended, and "${formatSchedule(left)}" is left of it.` : undefined)
    if (misfit === undefined) return
    throw new ScheduleError(
      `The schedule does not fit. ${misfit}\n` +
        'The statements of the application are others than when the schedule was found, or something else decides too ' +
        '(a timer, a random number, what a run before has left). Explore again, and replay a schedule of the new report.',
    )
  }
}

function misfitOf({ actor, fault }: Choice, { position, ready, waiting }: Situation): string {
  const lock = waiting.find((each) => each.actor === actor)
  const why =
    fault === 'kill'
      ? 'to have its statement ended, and does not wait for a lock'
      : lock
        ? `to go on, and waits for a lock that ${lock.waitsFor.join(' and ') || 'another'} has`
        : 'to go on, and has no step to do'
  const able = ready.map((each) => `- ${each.actor}: ${cut(oneLine(each.text), 100)}`)
  return [`At step ${position + 1}, "${actor}" is ${why}. Those who could go on:`, ...able].join('\n')
}
