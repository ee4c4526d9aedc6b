import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { jpeg, pdf, png } from './samples.ts'
import { fileForm, json, jsonBody, testService, type TestService } from './test-service.ts'

let service: TestService
before(async () => {
  service = await testService()
})
after(() => service[Symbol.asyncDispose]())

interface Answer {
  readonly id: number
  readonly fileName: string
  readonly sha256: string
}

const put = (path: string, content: Buffer, name: string) =>
  service.send(path, { method: 'PUT', body: fileForm(content, name) })

test('answers a second upload of a card with the first, and stores nothing of it', async () => {
  const userId = await service.addUser('Twice')
  const before = await service.counts()
  const first = await service.upload({ userId, content: pdf('first') })
  const second = await service.upload({ userId, content: pdf('second'), name: 'second.pdf' })
  assert.deepEqual([first.status, second.status], [201, 200])
  assert.deepEqual(await second.json(), await first.json())
  assert.equal(second.headers.get('location'), first.headers.get('location'))
  assert.deepEqual(await service.counts(), {
    files: before.files + 1,
    contents: before.contents + 1,
    documents: before.documents + 1,
  })
})

test('files a card of each type, and many salary slips', async () => {
  const userId = await service.addUser('Many')
  for (const type of ['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP', 'SALARY_SLIP', 'TAX_RETURN'] as const)
    assert.equal((await service.upload({ userId, type, content: pdf('the same'), strict: true })).status, 201)
  const types = (await service.onFile(userId)).map(({ documentType }) => documentType)
  assert.deepEqual(types, ['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP', 'SALARY_SLIP', 'TAX_RETURN'])
})

test('puts a card where there is none, and replaces it where there is one', async () => {
  const userId = await service.addUser('Put')
  const before = await service.counts()
  const path = `/api/users/${userId}/documents/PAN_CARD`
  const created = await put(path, pdf('old'), 'old.pdf')
  const replaced = await put(path, png, 'new.png')
  const unchanged = await put(path, png, 'new.png')
  assert.deepEqual([created.status, replaced.status, unchanged.status], [201, 200, 200])
  const [first, second, third] = await Promise.all(
    [created, replaced, unchanged].map((one) => json<Answer>(one)),
  )
  assert.equal(second?.id, first?.id)
  assert.deepEqual(third, second)
  const onFile = await service.onFile(userId)
  assert.deepEqual(
    onFile.map(({ id, fileName, mediaType, size }) => ({ id, fileName, mediaType, size })),
    [{ id: first?.id, fileName: 'new.png', mediaType: 'image/png', size: png.length }],
  )
  assert.equal((await service.counts()).contents, before.contents + 1)
})

test('replaces the file of one salary slip among many', async () => {
  const userId = await service.addUser('Slips')
  for (const month of ['march', 'april'])
    await service.upload({ userId, type: 'SALARY_SLIP', content: pdf(month), name: `${month}.pdf` })
  const [march] = await service.onFile(userId)
  const replaced = await put(`/api/documents/${march?.id}/file`, jpeg, 'march.jpg')
  assert.equal(replaced.status, 200)
  assert.deepEqual(
    (await service.onFile(userId)).map(({ fileName }) => fileName),
    ['march.jpg', 'april.pdf'],
  )
})

test('a refused replacement leaves the card as it was', async () => {
  const userId = await service.addUser('Refused')
  await service.upload({ userId })
  const before = await service.onFile(userId)
  const refused = await put(`/api/users/${userId}/documents/PAN_CARD`, Buffer.from('no card'), 'card.pdf')
  assert.equal(refused.status, 415)
  assert.deepEqual(await service.onFile(userId), before)
})

test('a removed card frees its key, and keeps its record', async () => {
  const userId = await service.addUser('Again')
  const { id } = await json<Answer>(await service.upload({ userId, strict: true }))
  const removals = [1, 2].map(() => service.send(`/api/documents/${id}`, { method: 'DELETE' }))
  const statuses = (await Promise.all(removals)).map(({ status }) => status)
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [204, 404],
  )
  assert.equal((await service.send(`/api/documents/${id}/file`)).status, 404)
  assert.equal((await put(`/api/documents/${id}/file`, png, 'new.png')).status, 404)
  assert.deepEqual(await service.onFile(userId), [])
  const again = await service.upload({ userId, strict: true, content: png, name: 'new.png' })
  assert.equal(again.status, 201)
  const { rows } = await service.pool.query(
    'select file_name, deleted_at is not null as removed from documents.document where user_id = $1 order by id',
    [userId],
  )
  assert.deepEqual(rows, [
    { file_name: 'card.pdf', removed: true },
    { file_name: 'new.png', removed: false },
  ])
})

test('adds a user once, however the name is written', async () => {
  const add = (name: string) => service.send('/api/users', jsonBody({ name }))
  const answers = await Promise.all(['Zoya Khan', 'zoya khan', ' ZOYA  KHAN ', 'Zoya\u0000 Khan'].map(add))
  const ids = await Promise.all(answers.map(async (answer) => (await json<Answer>(answer)).id))
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  assert.equal(new Set(ids).size, 1)
})
