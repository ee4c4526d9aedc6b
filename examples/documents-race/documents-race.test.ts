import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { AlreadyExistsError } from 'onerow'
import { openPool } from '../stage/open-pool.ts'
import { RefusedError } from '../stage/refused-error.ts'
import {
  contenders,
  createTable,
  createUniqueTwice,
  enforceKey,
  raceDocuments,
  saveTwiceInTurn,
  storeSalarySlips,
} from './documents-race.ts'
import type { DocumentsResult } from './documents-race.ts'

const database = await testDatabase({ name: 'documents_race' })
const pool = openPool(database.url)
after(async () => {
  await pool.end()
  await database.drop()
})
await createTable(pool)

const times = 20

/** Each race is arranged, not awaited: it ends in the same way every time. */
function testRaces(expected: Readonly<Record<string, Partial<DocumentsResult>>>): void {
  for (const contender of contenders) {
    test(`${contender.name}, by two requests at once`, async () => {
      for (let time = 1; time <= times; time++)
        assert.partialDeepStrictEqual(await raceDocuments(pool, contender), expected[contender.name])
    })
  }
}

suite('nothing is unique', () => {
  const twoCards: DocumentsResult = {
    met: 2,
    told: { created: 2 },
    given: 2,
    cards: 2,
    nextGet: 'get() returned more than one Document -- it returned 2!',
  }
  const refused = {
    told: { 'key-not-enforced': 2 },
    given: 0,
    cards: 0,
    nextGet: 'nothing',
  }

  test('the check in save() works in turn', async () => {
    const second = await saveTwiceInTurn(pool)
    assert.ok(second instanceof RefusedError)
    assert.equal(second.message, 'Not allowed')
  })

  testRaces({
    'save(), which checks first': twoCards,
    "the team's get-or-create": twoCards,
    'onerow getOrCreate': refused,
    'onerow createUnique': refused,
  })
})

suite('with the conditional unique index', () => {
  const oneCard = { met: 2, given: 1, cards: 1, nextGet: 'the card' }

  test('it can be made', () => enforceKey(pool))

  testRaces({
    'save(), which checks first': { ...oneCard, told: { created: 1, '23505': 1 } },
    "the team's get-or-create": { ...oneCard, told: { created: 1, found: 1 } },
    'onerow getOrCreate': { ...oneCard, told: { created: 1, found: 1 } },
    'onerow createUnique': { ...oneCard, told: { created: 1, 'already-exists': 1 } },
  })

  test('createUnique tells the form what the key says', async () => {
    const second = await createUniqueTwice(pool)
    assert.ok(second instanceof AlreadyExistsError)
    assert.equal(second.kind, 'already-exists')
    assert.equal(second.message, 'This user already has a document of this type.')
  })

  test('salary slips stay free', async () => assert.equal(await storeSalarySlips(pool), 2))
})
