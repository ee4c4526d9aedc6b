import type { Situation } from './run.ts'
import type { StartedActor } from './start-actor.ts'

/** Nothing happens any more, and not all actors have ended. Says who waits for what. */
export class StuckError extends Error {
  override readonly name = 'StuckError'

  constructor({ ready, waiting }: Situation, actors: readonly StartedActor[]) {
    const lines = actors.map(({ name, ending, waitsFor, sent }) => {
      const next = ready.find(({ actor }) => actor === name)
      const lock = waiting.find(({ actor }) => actor === name)
      if (ending) return `${name} has ended.`
      if (lock) return `${name} waits for a lock that ${lock.waitsFor.join(' and ') || 'another'} has.`
      if (waitsFor.size > 0) return `${name} waits for ${[...waitsFor].join(' and ')}.`
      if (next) return `${name} could go on with: ${next.text}`
      if (sent > 0) return `${name} has sent a statement, and the server has not answered.`
      return (
        `${name} does something that no gate sees: a timer, a request to elsewhere, or a driver that has no gates. ` +
        'If it waits for another actor, put `await yieldPoint(…)` before that.'
      )
    })
    super(`Nothing happens any more:\n${lines.map((line) => `- ${line}`).join('\n')}`)
  }
}
