import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { PoolClient } from 'pg'

import { pdf } from './samples.ts'
import { fileForm, json, testService, type TestService } from './test-service.ts'
import { untilWaiting } from './until-waiting.ts'

const callers = 64

interface Answer {
  readonly status: number
  readonly id: number
}

async function answers(uploads: readonly Promise<Response>[]): Promise<readonly Answer[]> {
  return Promise.all(
    uploads.map(async (upload) => ({ ...(await json<Answer>(await upload)), status: (await upload).status })),
  )
}

function statuses(given: readonly Answer[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of given) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function assertOneCard(service: TestService, userId: number, given: readonly Answer[]): Promise<void> {
  assert.deepEqual(statuses(given), { 200: callers - 1, 201: 1 })
  assert.equal(new Set(given.map(({ id }) => id)).size, 1)
  const { rows } = await service.pool.query('select id from documents.document where user_id = $1', [userId])
  assert.deepEqual(rows, [{ id: given[0]?.id }])
  assert.deepEqual(await service.counts(), { files: 1, contents: 1, documents: 1 })
}

for (const [what, content] of [
  ['different', (caller: number) => pdf(`card ${caller}`)],
  ['the same', () => pdf()],
] as const) {
  test(`of 64 simultaneous uploads of ${what} content, one makes the card and 63 are given it`, async () => {
    await using service = await testService()
    const userId = await service.addUser('Race')
    const uploads = Array.from({ length: callers }, (_, caller) =>
      service.upload({ userId, content: content(caller) }),
    )
    await assertOneCard(service, userId, await answers(uploads))
  })
}

test('one card, with all 64 past their look and about to insert', async () => {
  await using service = await testService({ connections: callers + 2 })
  const userId = await service.addUser('Race')
  const rival = await service.pool.connect()
  try {
    await insertCard(rival, userId)
    // Each has seen no card, has stored its own content, and waits for the rival's card to be committed or not.
    const uploads = Array.from({ length: callers }, (_, caller) =>
      service.upload({ userId, content: pdf(`card ${caller}`) }),
    )
    await untilWaiting(service.pool, callers)
    await rival.query('rollback')
    await assertOneCard(service, userId, await answers(uploads))
  } finally {
    rival.release()
  }
})

async function insertCard(client: PoolClient, userId: number): Promise<void> {
  const sha256 = '0'.repeat(64)
  await client.query('begin')
  await client.query(
    "insert into documents.file (sha256, media_type, size) values ($1, 'application/pdf', 1)",
    [sha256],
  )
  await client.query(
    `
insert into documents.document (user_id, document_type, file_name, file_sha256)
values ($1, 'PAN_CARD', 'rival.pdf', $2)`,
    [userId, sha256],
  )
}

test('of 64 strict uploads at once, one is filed and 63 are refused by name', async () => {
  await using service = await testService()
  const userId = await service.addUser('Race')
  const uploads = Array.from({ length: callers }, (_, caller) =>
    service.upload({ userId, content: pdf(`card ${caller}`), strict: true }),
  )
  const responses = await Promise.all(uploads)
  const refused = responses.filter(({ status }) => status === 409)
  assert.equal(responses.filter(({ status }) => status === 201).length, 1)
  assert.equal(refused.length, callers - 1)
  const bodies = await Promise.all(refused.map((one) => json<{ document: { id: number } }>(one)))
  const [card] = await service.onFile(userId)
  assert.deepEqual([...new Set(bodies.map(({ document }) => document.id))], [card?.id])
  assert.deepEqual(await service.counts(), { files: 1, contents: 1, documents: 1 })
})

test('uploads, replacements and removals of one card at once leave one card at most, and no content without a document', async () => {
  await using service = await testService()
  const userId = await service.addUser('Race')
  const act = async (number: number): Promise<number> => {
    const content = pdf(`card ${number % 3}`)
    if (number % 4 === 0) return (await service.upload({ userId, content })).status
    if (number % 4 === 1) return (await put(service, userId, content)).status
    if (number % 4 === 2) return (await service.upload({ userId, content, type: 'SALARY_SLIP' })).status
    const [card] = await service.onFile(userId)
    return (await service.send(`/api/documents/${card?.id ?? 0}`, { method: 'DELETE' })).status
  }
  const given = await Promise.all(Array.from({ length: callers }, (_, number) => act(number)))
  assert.deepEqual(
    given.filter((status) => status >= 500),
    [],
  )
  const { rows } = await service.pool.query(`
select count(*) filter (where document_type = 'PAN_CARD' and deleted_at is null) <= 1 as "oneCard",
  (select count(*)::integer from documents.file) = count(distinct file_sha256) as "noOrphan"
from documents.document`)
  assert.deepEqual(rows, [{ oneCard: true, noOrphan: true }])
})

function put(service: TestService, userId: number, content: Buffer): Promise<Response> {
  const path = `/api/users/${userId}/documents/PAN_CARD`
  return service.send(path, { method: 'PUT', body: fileForm(content, 'card.pdf') })
}
