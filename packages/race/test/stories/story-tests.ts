import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { exactlyOneRow, explore, noErrors, replay } from '@onerow/race'
import type { Report, Rows, Sessions, Violation } from '@onerow/race'

/** What each of two requests does at once. */
export type Call = () => Promise<unknown>

/** One of the two stories, as it goes with one data tool. */
export interface Story {
  readonly name: string
  readonly sessions: Sessions
  /** Empties the table, in which nothing is unique at first but the id. */
  readonly setup: () => Promise<unknown>
  /** Reads the rows with the key, of which there is to be one. */
  readonly read: () => Promise<Rows>
  /** The call as the tool's users write it, by what they would call that. */
  readonly ways: Readonly<Record<string, Call>>
  /** Makes the unique index that the call was always in need of. */
  readonly cure: () => Promise<unknown>
  /** The same by onerow, through the tool. */
  readonly cured: Readonly<Record<string, Call>>
  /** What a user may have many of, so that the cure must not forbid a second one. */
  readonly free?: { readonly save: Call; readonly read: () => Promise<Rows> }
}

/** Tells a story: how each way of the call makes two rows, again and again; and that none does after the cure. */
export function testStory(story: Story): void {
  const { name, sessions, setup, ways, cure, cured, free } = story
  const invariant = exactlyOneRow(story.read)
  const race = (call: Call) => ({ sessions, setup, actors: { first: call, second: call }, invariant })

  describe(`${name}, with nothing unique`, () => {
    for (const [way, call] of Object.entries(ways))
      test(`${way}: a schedule makes two rows, and makes them ten times out of ten`, async (context) => {
        const report = await explore(race(call))
        context.diagnostic(summaryOf(report))
        const [violation] = report.violations
        assert.ok(violation?.run, 'no schedule makes two rows')
        assert.deepEqual([report.isExhaustive, report.surprises], [true, []])
        const inserted = violation.run.steps.filter(({ text }) => /insert into/i.test(text))
        assert.deepEqual(inserted.map(({ actor }) => actor).toSorted(), ['first', 'second'])
        for (let time = 0; time < 10; time++) {
          const { violations, surprises } = await replay(race(call), violation.replay)
          assert.deepEqual([violations.map(courseOf), surprises], [[courseOf(violation)], []])
        }
      })
  })

  describe(`${name}, cured`, () => {
    before(async () => {
      await setup()
      await cure()
    })

    for (const [way, call] of Object.entries(ways))
      test(`${way}: no schedule makes two rows`, async (context) => {
        const report = await explore(race(call))
        context.diagnostic(summaryOf(report))
        assert.deepEqual([report.isExhaustive, report.surprises, report.violations], [true, [], []])
      })

    for (const [way, call] of Object.entries(cured))
      test(`${way}: one row after each schedule, and no error`, async (context) => {
        const report = await explore(race(call))
        context.diagnostic(summaryOf(report))
        assert.deepEqual([report.isExhaustive, report.surprises, report.violations], [true, [], []])
        assert.deepEqual([...report.errors], [])
      })

    if (free)
      test('what may be there many times still may', async () => {
        const report = await explore({
          ...race(free.save),
          invariant: async (run) => {
            noErrors(run)
            const rows = await free.read()
            assert.equal('rows' in rows ? rows.rows.length : rows.length, 2)
          },
        })
        assert.deepEqual([report.isExhaustive, report.violations], [true, []])
      })
  })
}

const summaryOf = (report: Report) => String(report).split('\n\n')[0] ?? ''

/** All that can be compared of two runs: who did what, and what came of it. */
function courseOf({ replay, error, run }: Violation) {
  const steps = run?.steps.map(({ actor, text, waitedFor, answeredAt, answer }) => ({
    actor,
    // The tag of a dollar quote says nothing, and Sequelize draws a new one for each.
    text: text.replaceAll(/\$[A-Za-z_]\w*\$/g, '$$$$'),
    waitedFor,
    answeredAt,
    count: answer?.count,
    rows: answer?.rows?.length,
  }))
  return { replay, error: String(error), steps }
}
