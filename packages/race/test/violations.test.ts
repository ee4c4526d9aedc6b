import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../src/run.ts'
import { parseSchedule } from '../src/schedule.ts'
import { Violations } from '../src/violations.ts'

const runOf = (schedule: string): Run => ({
  choices: parseSchedule(schedule, ['a', 'b']),
  steps: [],
  endings: new Map(),
  isComplete: true,
})

test('of those that say the same, the first with the fewest switches keeps its run', () => {
  const violations = new Violations()
  for (const [schedule, message] of [
    ['a b a b', 'two rows'],
    ['a b a', 'two rows'],
    ['b a b', 'two rows'],
    ['a b a b a', 'no row'],
  ] as const)
    violations.add(runOf(schedule), new Error(message))
  assert.equal(violations.count, 4)
  assert.deepEqual(
    violations.sorted().map(({ replay, run }) => [replay, run !== undefined]),
    [
      ['a b a', true],
      ['b a b', false],
      ['a b a b', false],
      ['a b a b a', true],
    ],
  )
})

test('of many kinds, those with the fewest switches keep their runs, whenever they come', () => {
  const violations = new Violations()
  const long = 'a b a b a b'
  for (let kind = 0; kind < 60; kind++)
    violations.add(runOf(kind % 2 === 0 ? long : 'a b'), new Error(`kind ${kind}`))
  violations.add(runOf('a*2'), new Error('kind 60'))
  const sorted = violations.sorted()
  assert.deepEqual(
    sorted.map(({ run }) => run !== undefined),
    sorted.map((_, index) => index < 50),
  )
  assert.equal(sorted[0]?.replay, 'a*2')
})
