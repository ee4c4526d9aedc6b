import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { DuplicateRowsError, getOrCreate } from 'onerow'
import { fromPg } from 'onerow/pg'
import { MoreThanOneRowError } from '../stage/get.ts'
import { openPool } from '../stage/open-pool.ts'
import { solutionKey } from './keys.ts'
import { naiveGetOrCreate } from './naive-get-or-create.ts'
import {
  callAfterNaiveRace,
  createTables,
  curedSolution,
  curedTogether,
  naive,
  onerowSolution,
  onerowTogether,
  onerowUnenforced,
  runRace,
} from './race.ts'
import type { Contender, RaceResult } from './race.ts'
import { defaultName, race, solution, userId } from './tables.ts'
import { raceInTransactions } from './transactions.ts'

const database = await testDatabase({ name: 'race' })
const pool = openPool(database.url)
after(async () => {
  await pool.end()
  await database.drop()
})
await createTables(pool)

const times = 20

/** The race is arranged, not awaited: it ends in the same way every time. */
async function alwaysEndsAs(contender: Omit<Contender, 'name'>, expected: RaceResult): Promise<void> {
  for (let time = 1; time <= times; time++)
    assert.deepEqual(await runRace(pool, contender), expected, `race ${time} of ${times}`)
}

const oneRow: RaceResult = { met: 10, told: { created: 1, found: 9 }, given: 1, rows: 1 }

test('the naive call makes ten rows for ten callers', () =>
  alwaysEndsAs(naive, { met: 10, told: { created: 10 }, given: 10, rows: 10 }))

test('the naive call of one caller at a time makes one row: so nobody sees it coming', async () => {
  await pool.query(race.clear)
  const first = await naiveGetOrCreate(pool, race)
  const second = await naiveGetOrCreate(pool, race)
  assert.deepEqual([first.created, second.created], [true, false])
  assert.deepEqual(second.row, first.row)
})

test('after the race the naive call fails for ever, and onerow says what to do', async () => {
  const errors = await callAfterNaiveRace(pool)
  assert.ok(errors.naive instanceof MoreThanOneRowError)
  assert.equal(errors.naive.message, 'get() returned more than one Race -- it returned 10!')
  assert.ok(errors.onerow instanceof DuplicateRowsError)
  assert.equal(errors.onerow.kind, 'duplicate-rows')
  assert.equal(errors.onerow.count, 10)
  assert.match(errors.onerow.message, /Keep one of them.*create unique index "race_user_id" on "race"/s)
  await assert.rejects(naiveGetOrCreate(pool, race), errors.naive)
})

test('onerow refuses a key that nothing enforces, and writes nothing', async () => {
  // Whether it refuses before the gate or behind it is its own affair.
  const { met: _, ...result } = await runRace(pool, onerowUnenforced)
  assert.deepEqual(result, { told: { 'key-not-enforced': 10 }, given: 0, rows: 0 })
})

for (const contender of [curedSolution, onerowSolution, curedTogether, onerowTogether]) {
  test(`${contender.table.model}: ${contender.name}: one row, created once, given to all ten`, () =>
    alwaysEndsAs(contender, oneRow))
}

test('onerow with plain values, unheld, ends as well', async () => {
  const create = { name: defaultName }
  for (let time = 1; time <= times; time++) {
    const { told, given, rows } = await runRace(pool, {
      table: solution,
      call: (client) => getOrCreate(fromPg(client), solutionKey, { where: { userId }, create }),
    })
    assert.deepEqual({ told, given, rows }, { told: { created: 1, found: 9 }, given: 1, rows: 1 })
  }
})

test('transactions and savepoints, at each isolation level', async () => {
  const tenRows: RaceResult = { met: 10, told: { created: 10 }, given: 10, rows: 10 }
  const othersTold = (word: string): RaceResult => ({ ...oneRow, told: { created: 1, [word]: 9 } })
  const expected = [
    ['naive, no constraint', tenRows, tenRows, othersTold('40001')],
    ['constraint; if refused, read again', othersTold('25P02'), othersTold('25P02'), othersTold('40001')],
    ['the same with a savepoint', oneRow, othersTold('invisible row'), othersTold('40001')],
    ['onerow', oneRow, othersTold('retry-transaction'), othersTold('retry-transaction')],
    ['onerow in transaction(db, work)', oneRow, oneRow, oneRow],
  ] as const
  for (let time = 1; time <= times; time++) {
    assert.deepEqual(
      await raceInTransactions(pool),
      expected.flatMap(([name, readCommitted, repeatableRead, serializable]) => [
        { name, isolation: 'read committed', result: readCommitted },
        { name, isolation: 'repeatable read', result: repeatableRead },
        { name, isolation: 'serializable', result: serializable },
      ]),
    )
  }
})
