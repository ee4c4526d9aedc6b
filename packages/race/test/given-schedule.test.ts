import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { replay, ScheduleError } from '@onerow/race'
import type { ExploreOptions } from '@onerow/race'
import { openTwoCards } from './two-cards.ts'

const cards = await openTwoCards('race_given')
after(() => cards[Symbol.asyncDispose]())

async function misfit(options: ExploreOptions, schedule: string): Promise<string> {
  const error = await replay(options, schedule).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ScheduleError, String(error))
  // All have ended, and the next exploration begins as if nothing had been.
  const { violations } = await replay(cards.checked, 'first*4 second*5 first')
  assert.equal(violations.length, 1)
  return error.message
}

test('a schedule in which an actor is to go on who has ended names the step, and who could', async () => {
  assert.equal(
    await misfit(cards.checked, 'first*6 second*5'),
    `The schedule does not fit. At step 6, "first" is to go on, and has no step to do. Those who could go on:
- second: begin
The statements of the application are others than when the schedule was found, or something else decides too (a timer, a random number, what a run before has left). Explore again, and replay a schedule of the new report.`,
  )
})

test('one in which an actor is to go on who waits for a lock says for whom', async () => {
  assert.match(
    await misfit(cards.indexed, 'first*3 second*4 first*2'),
    /^The schedule does not fit\. At step 7, "second" is to go on, and waits for a lock that first has\. Those who could go on:\n- first: the file is stored\n/,
  )
})

test('one in which a statement is to be ended that waits for nothing', async () => {
  assert.match(
    await misfit(cards.checked, 'first*3 second*3 second:kill'),
    /At step 7, "second" is to have its statement ended, and does not wait for a lock\. Those who could go on:\n- first: the file is stored\n- second: the file is stored\n/,
  )
})

test('one that goes on when all have ended says what is left of it', async () => {
  assert.match(
    await misfit(cards.checked, 'first*5 second*4 first second*2'),
    /^The schedule does not fit\. All have ended, and "first second\*2" is left of it\.\n/,
  )
})

test('after the end of a short one, whoever can goes on', async () => {
  const { schedules, violations } = await replay(cards.checked, 'first*2 second')
  assert.deepEqual([schedules, violations.length], [1, 0])
})
