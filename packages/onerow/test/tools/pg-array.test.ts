import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { arrayText } from '../../src/adapters/pg-array.ts'

/** pg's own; its types do not have it. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  readonly prepareValue: (value: unknown) => unknown
}

const texts = fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', 'a', "'", '\n', 'é', '😀') })
const words = fc.constantFrom('', 'NULL', 'null', '\\', '"', '\\"', '{}', '$&')
const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.bigInt())
const elements = fc.oneof(texts, words, numbers, fc.constant(null))

test('a list of texts, numbers and nulls is written as pg writes it', () => {
  fc.assert(
    fc.property(fc.array(elements), (list) => {
      assert.equal(arrayText(list), prepareValue(list))
    }),
    { examples: [[['', 'a']], [['', '']], [[]]] },
  )
})

test('what is anything else, is left to pg', () => {
  for (const element of [new Date(), Buffer.from('a'), [1], true, {}, undefined])
    assert.equal(arrayText(['a', element]), undefined)
})
