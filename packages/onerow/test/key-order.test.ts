import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { table, uniqueKey } from 'onerow'
import { inKeyOrder, withoutRepeats } from '../src/key-order.ts'
import type { Values } from '../src/candidate.ts'

interface Call {
  readonly values: Values
  readonly number: number
}

const rows = table<{ first: unknown; second: unknown }>('row', {
  columns: { first: 'first', second: 'second' },
})
const key = uniqueKey(rows, ['first', 'second'], { name: 'row_key' })

function callsOf(pairs: readonly (readonly [unknown, unknown])[]): readonly Call[] {
  return pairs.map((values, number) => ({ number, values }))
}

const sort = (calls: readonly Call[]) => inKeyOrder(key, calls, ({ values }) => values)
const parts = ({ values }: Call) => values

// Of one type for a column, as the columns of a database are; few, so that there are equal ones.
const letters = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', 'é', 'e', ' '), maxLength: 3 })
const ofColumn = fc.constantFrom<fc.Arbitrary<unknown>>(
  letters,
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.date({ noInvalidDate: true }),
  fc.boolean(),
  fc.option(letters),
)
const pairs = fc
  .tuple(ofColumn, ofColumn)
  .chain(([one, two]) => fc.array(fc.tuple(one, two), { maxLength: 40 }))

/** As a collation without case, accents and trailing spaces sees it. */
const folded = (text: string) => text.toLowerCase().replaceAll('é', 'e').trimEnd()

test('the order of keys does not depend on that of the calls', () => {
  fc.assert(
    fc.property(
      pairs.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        // But for keys that a collation may find equal, which keep the order they were in: here one stands for all.
        const distinct = (calls: readonly Call[]) =>
          withoutRepeats(key, sort(calls), ({ values }) => values).map((call) => folds(parts(call)))
        assert.deepEqual(distinct(callsOf(shuffled)), distinct(callsOf(list)))
      },
    ),
  )
})

test('sorting loses no call, adds none, and sorts once and for all', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const calls = callsOf(list)
      const sorted = sort(calls)
      assert.deepEqual(
        sorted.toSorted((a, b) => a.number - b.number),
        calls,
      )
      assert.deepEqual(sort(sorted), sorted)
    }),
  )
})

test('strings that a collation may find equal come side by side, in the order they were in; one of them is left', () => {
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), (names) => {
      const sorted = sort(callsOf(names.map((name) => [name, 1])))
      const runs: string[] = []
      const last = new Map<string, number>()
      for (const call of sorted) {
        const name = folded(String(parts(call)[0]))
        if (runs.at(-1) !== name) runs.push(name)
        assert.ok(call.number > (last.get(name) ?? -1), 'in the order they were in')
        last.set(name, call.number)
      }
      assert.equal(new Set(runs).size, runs.length, 'side by side')
      const left = withoutRepeats(key, sorted, ({ values }) => values)
      assert.deepEqual(
        left.map((call) => folded(String(parts(call)[0]))),
        runs,
      )
      assert.deepEqual(
        left.map(({ number }) => number),
        runs.map((name) => names.findIndex((other) => folded(other) === name)),
        'the first of each',
      )
    }),
  )
})

test('numbers, big integers and dates are sorted by their values, and the second column after the first', () => {
  const order = (...list: readonly (readonly [unknown, unknown])[]) => sort(callsOf(list)).map(parts)
  assert.deepEqual(order([10, 1], [9, 2], [9, 1], [-1, 3]), [
    [-1, 3],
    [9, 1],
    [9, 2],
    [10, 1],
  ])
  assert.deepEqual(order([10n, 'b'], [9n, 'a'], [10n, 'a']), [
    [9n, 'a'],
    [10n, 'a'],
    [10n, 'b'],
  ])
  const [early, late] = [new Date(9), new Date(10)]
  assert.deepEqual(order([late, null], [early, null]), [
    [early, null],
    [late, null],
  ])
})

function folds(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) =>
    typeof value === 'string'
      ? value.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd()
      : value,
  )
}
