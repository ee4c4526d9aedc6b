import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exactlyOneRow, explore, replay } from '@onerow/race'
import type { ExploreOptions, Run, Sessions } from '@onerow/race'

type Rows = readonly unknown[]

/** Runs a statement. */
export type Query = (text: string) => Promise<Rows>

/** A driver, as an application uses it. */
export interface Driver {
  readonly name: string
  readonly sessions: Sessions
  /** On any connection of a pool. */
  readonly query: Query
  /** As the driver's manual shows a transaction. Rolls back when the work fails. */
  readonly transaction: (work: (query: Query) => Promise<unknown>) => Promise<unknown>
  /** The same on a pool that has one connection. */
  readonly transactionOfOne: Driver['transaction']
  /** By name, the ways to send a statement, as many times as is written after the name. */
  readonly forms: Readonly<Record<string, Form>>
  /** Where the gates stand. */
  readonly gates: readonly (readonly [owner: object, method: string])[]
  /** The code of the server's error for a deadlock, and for a statement that was ended. */
  readonly deadlock: string
  readonly killed: string
}

export interface Form {
  /** @param text the statement, which has the actor's name in it */
  readonly run: (text: string) => Promise<unknown>
  /** How many steps it is; 1 unless told. */
  readonly steps?: number
}

/** The last run that an exploration has made. */
function keeping(): { readonly invariant: ExploreOptions['invariant']; readonly run: () => Run } {
  let last: Run | undefined
  return {
    invariant: (run) => {
      last = run
    },
    run: () => last ?? assert.fail('Nothing was run.'),
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : error

/** What is true of the gates of each driver. They run in tables that are there: race, person, account. */
export function driverTests(driver: Driver): void {
  describe(driver.name, () => {
    storyTests(driver)
    formTests(driver)
    errorTests(driver)
    faultTests(driver)
    boundaryTests(driver)
  })
}

/** Reads, then writes, as many frameworks have done it. */
function getOrCreateNaively({ transaction }: Pick<Driver, 'transaction'>, table: string): Promise<unknown> {
  return transaction(async (query) => {
    const rows = await query(`select * from ${table} where user_id = 'c53b'`)
    if (rows.length === 0) await query(`insert into ${table} (user_id, name) values ('c53b', 'foo')`)
  })
}

function storyOptions(driver: Driver, table: string): ExploreOptions {
  const act = () => getOrCreateNaively(driver, table)
  return {
    sessions: driver.sessions,
    setup: () => driver.query(`delete from ${table}`),
    actors: { first: act, second: act },
    invariant: exactlyOneRow(() => driver.query(`select * from ${table}`)),
  }
}

function storyTests(driver: Driver): void {
  test('two that read and then write, in all 70 orders: 60 make two rows', async () => {
    const report = await explore({ ...storyOptions(driver, 'race'), reduction: 'none' })
    assert.deepEqual(
      [report.schedules, report.violations.length, report.isExhaustive, report.surprises],
      [70, 60, true, []],
    )
  })

  test('with a unique index none makes two, and some orders cannot be', async () => {
    const report = await explore(storyOptions(driver, 'person'))
    assert.deepEqual([report.violations, report.surprises], [[], []])
    assert.ok(report.infeasible > 0)
  })

  test('an actor that waits for a connection which another has is not stuck', async () => {
    const act = () => getOrCreateNaively({ transaction: driver.transactionOfOne }, 'race')
    const options = { ...storyOptions(driver, 'race'), actors: { first: act, second: act } }
    const report = await explore({ ...options, reduction: 'none' })
    assert.deepEqual([report.violations, report.surprises], [[], []])
  })
}

function formTests(driver: Driver): void {
  for (const [name, { run, steps = 1 }] of Object.entries(driver.forms)) {
    test(`${name}: ${steps === 1 ? 'a step' : `${steps} steps`} of who sends it`, async () => {
      const { invariant, run: last } = keeping()
      const act = (actor: string) => () => run(`select '${actor}' as actor from race`)
      const report = await explore({
        sessions: driver.sessions,
        setup: () => driver.query(`delete from race`),
        actors: { first: act('first'), second: act('second') },
        invariant,
        // In every order only where they are few.
        reduction: steps > 2 ? 'sleep sets' : 'none',
      })
      assert.deepEqual(
        [...last().endings.values()].filter((ending) => 'error' in ending),
        [],
      )
      const sent = last().steps.filter(({ text }) => text.includes('race'))
      assert.ok(sent.length >= 2)
      for (const { actor, text, values } of sent)
        assert.ok([text, ...values].join().includes(actor), `${actor} has sent ${text}`)
      for (const each of ['first', 'second'])
        assert.equal(last().steps.filter(({ actor }) => actor === each).length, steps)
      assert.ok(last().steps.every(({ answer, session }) => answer && session !== undefined))
      assert.deepEqual(report.surprises, [])
    })
  }
}

function errorTests(driver: Driver): void {
  test('an error of the server reaches the application as it is', async () => {
    const { invariant, run } = keeping()
    const wrong = () => driver.query('select wrong from race')
    const setup = () => {}
    await explore({ sessions: driver.sessions, setup, actors: { first: wrong }, invariant })
    const expected = await wrong().catch((error: unknown) => error)
    const ending = run().endings.get('first')
    assert.ok(ending && 'error' in ending)
    assert.equal(Object.getPrototypeOf(ending.error), Object.getPrototypeOf(expected))
    assert.equal(codeOf(ending.error), codeOf(expected))
  })

  test("a deadlock ends one actor with the server's error, and the run goes on", async () => {
    const codes = new Set<unknown>()
    const both = (first: number, second: number) => () =>
      driver.transaction(async (query) => {
        await query(`update account set balance = balance + 1 where id = ${first}`)
        await query(`update account set balance = balance + 1 where id = ${second}`)
      })
    const report = await explore({
      sessions: driver.sessions,
      setup: () => driver.query('update account set balance = 0'),
      actors: { first: both(1, 2), second: both(2, 1) },
      invariant: ({ endings }) => {
        const errors = [...endings.values()].flatMap((ending) => ('error' in ending ? [ending.error] : []))
        for (const error of errors) codes.add(codeOf(error))
        return errors.length < 2
      },
    })
    assert.deepEqual([[...codes], report.violations], [[driver.deadlock], []])
  })
}

function faultTests(driver: Driver): void {
  const saved = async () => (await driver.query('select * from race')).length
  const save = () => driver.query("insert into race (user_id, name) values ('c53b', 'foo')")
  const saveInTransaction = () =>
    driver.transaction((query) => query("insert into race (user_id, name) values ('c53b', 'foo')"))
  const cases = [
    { title: 'cut before a statement: it is not done', act: save, schedule: 'first:cut-before', rows: 0 },
    { title: 'cut after a statement: it is done', act: save, schedule: 'first:cut-after', rows: 1 },
    {
      title: 'cut before COMMIT: it is not done',
      act: saveInTransaction,
      schedule: 'first*2 first:cut-before',
      rows: 0,
    },
    {
      title: 'cut after COMMIT: it is done',
      act: saveInTransaction,
      schedule: 'first*2 first:cut-after',
      rows: 1,
    },
    {
      title: 'rolled back: it is not done',
      act: saveInTransaction,
      schedule: 'first first:rollback',
      rows: 0,
    },
  ]
  for (const { title, act, schedule, rows } of cases) {
    test(`${title}, and the application sees an error`, async () => {
      const { invariant, run } = keeping()
      const setup = () => driver.query('delete from race')
      await replay({ sessions: driver.sessions, setup, actors: { first: act }, invariant }, schedule)
      const ending = run().endings.get('first')
      assert.ok(ending && 'error' in ending)
      assert.equal(await saved(), rows)
    })
  }

  test('killed: who waits for a lock is ended by the server', async () => {
    const { invariant, run } = keeping()
    const update = () =>
      driver.transaction((query) => query('update account set balance = balance + 1 where id = 1'))
    await replay(
      { sessions: driver.sessions, setup: () => {}, actors: { first: update, second: update }, invariant },
      'first*2 second*2 second:kill first',
    )
    const { endings } = run()
    const [first, second] = [endings.get('first'), endings.get('second')]
    assert.ok(first && 'value' in first)
    assert.ok(second && 'error' in second)
    assert.equal(codeOf(second.error), driver.killed)
  })
}

function boundaryTests(driver: Driver): void {
  const methods = () => driver.gates.map(([owner, name]): unknown => Reflect.get(owner, name))

  test('the gates stand while it explores, and then no more, whatever ends it', async () => {
    const before = methods()
    const options = storyOptions(driver, 'race')
    let during: readonly unknown[] = []
    await explore({
      ...options,
      invariant: () => {
        during = methods()
      },
    })
    assert.ok(during.every((method, index) => method !== before[index]))
    assert.deepEqual(methods(), before)
    const fails = explore({ ...options, setup: () => Promise.reject(new Error('No setup.')) })
    await assert.rejects(fails, /No setup\./)
    assert.deepEqual(methods(), before)
  })

  test('a statement of nobody is no step, and waits for nobody', async () => {
    const { invariant, run } = keeping()
    let rows: Rows = []
    const actors = {
      first: async () => {
        await driver.query('select * from race')
        await driver.query('select * from race')
      },
    }
    await explore({
      sessions: driver.sessions,
      setup: async () => {
        rows = await driver.query('select id from account where id = 1')
      },
      actors,
      invariant,
    })
    assert.deepEqual([rows.length, run().steps.length], [1, 2])
  })

  test('two explorations at once are refused', async () => {
    const options = storyOptions(driver, 'race')
    const setup = async () => {
      await assert.rejects(explore(options), /there can be one at a time/)
    }
    await explore({
      ...options,
      actors: { first: () => driver.query('select 1') },
      setup,
      invariant: () => {},
    })
  })
}
