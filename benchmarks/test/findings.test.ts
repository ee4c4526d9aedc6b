import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookupIn } from '../src/calls/findings.ts'

const place = { part: 'one process', workload: 'hit', callers: 1 } as const
const lookup = lookupIn(
  {
    rates: [
      { ...place, contestant: 'one', perSecond: [100, 300, 50, null, 20] },
      { ...place, contestant: 'other', perSecond: [200, 100, null, 10, 10] },
      { ...place, contestant: 'none', perSecond: [null] },
    ],
  },
  [],
)

test('a ratio is that of each round, of those in which both were measured', () => {
  assert.deepEqual(lookup.ratio(place, 'one', 'other'), { median: 2, least: 0.5, most: 3 })
})

test('a rate is of the rounds in which it was measured', () => {
  assert.deepEqual(lookup.rate(place, 'one'), { median: 75, least: 20, most: 300 })
})

test('what was never measured has no rate and no ratio', () => {
  for (const contestant of ['none', 'unheard of']) {
    assert.equal(lookup.rate(place, contestant), undefined)
    assert.equal(lookup.ratio(place, 'one', contestant), undefined)
    assert.equal(lookup.ratio(place, contestant, 'one'), undefined)
  }
})
