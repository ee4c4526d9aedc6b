import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { table, uniqueKey } from 'onerow'
import { haveOneShape, shapeName } from '../src/shape.ts'

const rows = table<{ a: unknown; b: unknown }>('row', { columns: { a: 'a', b: 'b' } })
const key = uniqueKey(rows, ['a'], { name: 'row_a' })

const value = fc.constantFrom(undefined, null, 1, 'x')
const values = fc.tuple(value, value)
const content = (hasChanges: boolean) =>
  fc.record({ row: values, ...(hasChanges && { changes: values }) }) as fc.Arbitrary<{
    row: readonly unknown[]
    changes?: readonly unknown[]
  }>
const pair = fc.boolean().chain((hasChanges) => fc.tuple(content(hasChanges), content(hasChanges)))

test('contents have one shape if its name is the same', () => {
  fc.assert(
    fc.property(pair, ([one, other]) => {
      assert.equal(haveOneShape(key, one, other), shapeName(key, one) === shapeName(key, other))
    }),
    { numRuns: 500 },
  )
})
