import type { Choose, Run } from './run.ts'
import { RunUnderWay } from './run-under-way.ts'
import type { Scenario } from './run-under-way.ts'

/**
 * Runs the actors once, one step at a time, each when it was chosen. Before each choice everybody has come to rest: before a step,
 * at the end, or where a statement waits for a lock.
 *
 * @throws `StuckError` when nothing happens any more and not all have ended; what waits is let go before
 */
export async function perform(scenario: Scenario, choose: Choose): Promise<Run> {
  const run = new RunUnderWay(scenario)
  let isComplete = true
  try {
    for (const name of Object.keys(scenario.actors)) {
      run.start(name)
      await run.untilAtRest()
    }
    while (isComplete && !run.hasEnded()) {
      const choice = choose(run.situation())
      isComplete = choice !== undefined
      if (choice) await run.take(choice)
      if (choice) await run.untilAtRest()
    }
    await run.untilEnded()
  } catch (error) {
    await run.giveUp()
    throw error
  }
  return { ...run.record(), isComplete }
}
