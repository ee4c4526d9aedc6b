import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurnsOnceWarm } from '../src/in-turns.ts'

test('everyone has a turn in each round, every time another one first, and before them all one that does not count', async () => {
  const turns: string[] = []
  await inTurnsOnceWarm(['a', 'b', 'c'], 2, async (contestant, round) => {
    turns.push(`${contestant}${round}`)
  })
  assert.deepEqual(turns, ['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2'])
})
