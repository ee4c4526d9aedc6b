import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interleave } from './interleave.ts'
import type { Gate } from './interleave.ts'

test('all have read before any writes', async () => {
  const log: string[] = []
  const call = async (gate: Gate): Promise<void> => {
    log.push('read')
    await gate()
    log.push('write')
  }
  const { met } = await interleave([call, call, call])
  assert.equal(met, 3)
  assert.deepEqual(log, ['read', 'read', 'read', 'write', 'write', 'write'])
})

test('a call that ends without coming to the gate is not waited for, and not counted', async () => {
  const { results, met } = await interleave<string>([
    async (gate) => {
      await gate()
      return 'written'
    },
    async () => 'found',
    () => Promise.reject(new Error('lost')),
  ])
  assert.equal(met, 1)
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason))),
    ['written', 'found', 'Error: lost'],
  )
})

test('who comes a second time passes', async () => {
  const twice = async (gate: Gate): Promise<void> => {
    await gate()
    await gate()
  }
  assert.equal((await interleave([twice, twice])).met, 2)
})
