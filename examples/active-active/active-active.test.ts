import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { getOrCreateAccount, listAccounts, verifyAccountKey } from './accounts.ts'
import { openNodes } from './nodes.ts'
import type { Node } from './nodes.ts'
import { countConflicts, pause, resume, untilArrived, untilFailedAgain } from './replication.ts'

const nodes = await openNodes()
after(() => nodes[Symbol.asyncDispose]())
const { a, b } = nodes
const both = [a, b] as const

/** What the nodes answer when both are asked for the same account at once. */
function askBoth(email: string) {
  return Promise.all([getOrCreateAccount(a.pool, email), getOrCreateAccount(b.pool, email)])
}

async function emailsOn({ pool }: Node): Promise<readonly string[]> {
  return (await listAccounts(pool)).map(({ email }) => email)
}

// One story: each test takes the servers as the one before has left them.

test('onerow finds nothing wrong: each node enforces the key', async () => {
  for (const { pool } of both) assert.deepEqual(await verifyAccountKey(pool), [])
})

test('a row of one node is found on the other, when it has arrived', async () => {
  const { row, created } = await getOrCreateAccount(a.pool, 'ann@example.com')
  assert.ok(created)
  await untilArrived(b, 'ann@example.com')
  assert.deepEqual(await getOrCreateAccount(b.pool, 'ann@example.com'), { row, created: false })
})

test('before it has, both nodes create a row of the same key', async () => {
  await Promise.all(both.map(pause))
  const [onA, onB] = await askBoth('bob@example.com')
  assert.deepEqual([onA.created, onB.created], [true, true])
  assert.notEqual(onA.row.id, onB.row.id)
  assert.deepEqual(await Promise.all(both.map(countConflicts)), [0, 0])
})

test('then neither takes what the other writes, and no later row arrives', async () => {
  await Promise.all(both.map(resume))
  await Promise.all(both.map(untilFailedAgain))
  await getOrCreateAccount(a.pool, 'carol@example.com')
  await getOrCreateAccount(b.pool, 'dave@example.com')
  await Promise.all(both.map(untilFailedAgain))
  assert.deepEqual(await emailsOn(a), ['ann@example.com', 'bob@example.com', 'carol@example.com'])
  assert.deepEqual(await emailsOn(b), ['ann@example.com', 'bob@example.com', 'dave@example.com'])
})

test('each goes on finding a row of its own', async () => {
  const [onA, onB] = await askBoth('bob@example.com')
  assert.deepEqual([onA.created, onB.created], [false, false])
  assert.notEqual(onA.row.id, onB.row.id)
})
