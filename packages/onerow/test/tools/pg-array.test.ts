import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import fc from 'fast-check'
import pg from 'pg'
import { arrayText } from '../../src/adapters/pg-array.ts'

const database = await testDatabase({ name: 'pg_array' })
const client = new pg.Client(database.url)
await client.connect()
after(async () => {
  await client.end()
  await database.drop()
})

const texts = fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', 'a', "'", '\n', 'é', '😀') })
const words = fc.constantFrom('', 'NULL', 'null', '\\', '"', '\\"', '{}', '$&')
const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.bigInt())
const elements = fc.oneof(texts, words, numbers, fc.constant(null))

test('a list of texts, numbers and nulls is to PostgreSQL what pg would write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(elements), async (list) => {
      const { rows } = await client.query<{ given: unknown; expected: unknown }>(
        'select $1::text[] as given, $2::text[] as expected',
        [arrayText(list), list],
      )
      assert.deepEqual(rows[0]?.given, rows[0]?.expected)
    }),
    { numRuns: 500, examples: [[['', 'a']], [['', '']], [[]], [[NaN, -0, 1e21, null]], [['\ud800']]] },
  )
})

test('a list with a JSON text of its own is written without it', () => {
  assert.equal(arrayText(Object.assign(['a', 5], { toJSON: () => 'x' })), '{"a",5}')
})

test('what is anything else, is left to pg', () => {
  for (const element of [new Date(), Buffer.from('a'), [1], true, {}, undefined])
    assert.equal(arrayText(['a', element]), undefined)
})
