import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import pg from 'pg'
import {
  exactlyOneRow,
  expectNoRace,
  explore,
  noErrors,
  noLostUpdate,
  RaceError,
  replay,
  serializable,
} from '../src/index.ts'
import type { ExploreOptions } from '../src/index.ts'
import { pgSessions } from '../src/drivers/pg.ts'

const database = await testDatabase({ name: 'race_expect' })
const pool = new pg.Pool({ connectionString: database.url })
await pool.query(`
create table card (holder int not null);
create table account (id int primary key, balance int not null);
create unique index card_at_most_one on card (holder) where holder = 8`)

after(async () => {
  await pool.end()
  await database.drop()
})

async function saveCard(holder: number): Promise<void> {
  const { rows } = await pool.query('select from card where holder = $1', [holder])
  if (rows.length === 0) await pool.query('insert into card values ($1) on conflict do nothing', [holder])
}

const saving = (holder: number): ExploreOptions => ({
  sessions: pgSessions(pg, { connectionString: database.url }),
  setup: () => pool.query('delete from card'),
  actors: { first: () => saveCard(holder), second: () => saveCard(holder) },
  invariant: exactlyOneRow(() => pool.query('select from card where holder = $1', [holder])),
})

test('where the database refuses the second, expectNoRace passes and reports', async () => {
  const report = await expectNoRace(saving(8))
  assert.deepEqual([report.violations.length, report.isExhaustive], [0, true])
  assert.ok(report.schedules >= 2, String(report))
})

test('where it does not, expectNoRace fails, with the picture, the reason and a line to paste', async () => {
  const error = await expectNoRace(saving(7)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof RaceError)
  const [violation] = error.report.violations
  assert.ok(violation)
  assert.match(error.message, /first +│ second/)
  assert.match(error.message, /insert into card values/)
  assert.ok(error.message.includes('There is to be one row with the key; there are 2.'))
  assert.ok(error.message.includes(`replay(options, '${violation.replay}')`))
  assert.equal(error.cause, violation.error)
  const again = await replay(saving(7), violation.replay)
  assert.equal(again.violations.length, 1)
})

const drawing = (change: () => Promise<unknown>, invariant: ExploreOptions['invariant']): ExploreOptions => ({
  sessions: pgSessions(pg, { connectionString: database.url }),
  setup: () => pool.query('delete from account; insert into account values (1, 10)'),
  actors: { first: change, second: change },
  invariant,
})

async function readAndWrite(): Promise<void> {
  const { rows } = await pool.query<{ balance: number }>('select balance from account')
  await pool.query('update account set balance = $1', [Number(rows[0]?.balance) + 1])
}

const addOne = () => pool.query('update account set balance = balance + 1')
const insert = () => pool.query('insert into account values (2, 0)')
const balance = async () => Number((await pool.query('select sum(balance) as sum from account')).rows[0].sum)

test('noLostUpdate holds where the database adds, and not where the application does', async () => {
  const invariant = noLostUpdate(balance, (succeeded) => 10 + succeeded.length)
  await expectNoRace(drawing(addOne, invariant))
  await assert.rejects(
    expectNoRace(drawing(readAndWrite, invariant)),
    /An update is lost: there is 11, and it should be 12\./,
  )
})

test('serializable: what is left is what some order leaves', async () => {
  await expectNoRace(drawing(addOne, serializable(balance)))
  await assert.rejects(
    expectNoRace(drawing(readAndWrite, serializable(balance))),
    /No order of the actors, one after the other, leaves 11\./,
  )
})

test('serializable: who has failed counts as if it had not run', async () => {
  const { errors } = await expectNoRace(drawing(insert, serializable(balance)))
  assert.equal(errors.size, 1)
})

test('noErrors says who has failed, and how', async () => {
  await expectNoRace(drawing(addOne, noErrors))
  await assert.rejects(
    expectNoRace(drawing(insert, noErrors)),
    /(first|second) ended with: error: duplicate key/,
  )
})

test('with more schedules than the limit, samples follow, the same for the same seed', async () => {
  const draw = async (seed: number) => {
    const replays: string[] = []
    const options = saving(8)
    const { isExhaustive, seed: told } = await expectNoRace({
      ...options,
      limit: 1,
      samples: 12,
      seed,
      invariant: ({ choices }) => void replays.push(choices.map(({ actor }) => actor).join(' ')),
    })
    assert.deepEqual([isExhaustive, told], [false, seed])
    // One comes first that does not count; it has nothing of the sample.
    return replays.slice(2)
  }
  assert.deepEqual(await draw(1), await draw(1))
  assert.notDeepEqual(await draw(1), await draw(2))
})

test('the share of what is done grows to 1 with each run, also where only samples are left to draw', async () => {
  for (const limits of [{}, { limit: 1, samples: 5 }, { limit: 2, samples: 0 }]) {
    const shares: number[] = []
    const told = { schedules: 0, violations: 0 }
    const { schedules, cut, violations } = await explore({
      ...saving(7),
      ...limits,
      onProgress: ({ share, ...counts }) => {
        shares.push(share)
        Object.assign(told, counts)
      },
    })
    assert.equal(shares.length, schedules + cut)
    assert.deepEqual(
      shares,
      [...new Set(shares)].toSorted((a, b) => a - b),
    )
    assert.equal(shares.at(-1), 1)
    assert.deepEqual(told, { schedules, violations: violations.length })
  }
})
