import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { jpeg, pdf, png } from './samples.ts'
import { json, testService, type TestService } from './test-service.ts'
import { untilWaiting } from './until-waiting.ts'

let service: TestService
before(async () => {
  service = await testService()
})
after(() => service[Symbol.asyncDispose]())

const remove = (id: number) => service.send(`/api/documents/${id}`, { method: 'DELETE' })

test('stores each content once, and removes it with the last document that has it', async () => {
  const before = await service.counts()
  const content = pdf('shared')
  const ids: number[] = []
  for (const name of ['One', 'Two', 'Three']) {
    const userId = await service.addUser(name)
    ids.push((await json<{ id: number }>(await service.upload({ userId, content }))).id)
  }
  assert.equal((await service.counts()).contents, before.contents + 1)
  for (const [index, id] of ids.entries()) {
    const download = await service.send(`/api/documents/${id}/file`)
    assert.deepEqual(Buffer.from(await download.arrayBuffer()), content)
    await remove(id)
    assert.equal((await service.counts()).contents, before.contents + (index === ids.length - 1 ? 0 : 1))
  }
  assert.deepEqual(await service.counts(), before)
})

test('keeps the content that another is about to use when its last document is removed', async () => {
  const userId = await service.addUser('Leaving')
  const content = pdf('contended')
  const { id, sha256 } = await json<Uploaded>(await service.upload({ userId, content }))
  const rival = await service.pool.connect()
  await rival.query('begin')
  await rival.query(
    `
insert into documents.document (user_id, document_type, file_name, file_sha256)
values ($1, 'TAX_RETURN', 'rival.pdf', $2)`,
    [userId, sha256],
  )
  const removal = remove(id)
  await untilWaiting(service.pool, 1)
  await rival.query('commit')
  rival.release()
  assert.equal((await removal).status, 204)
  const [left] = await service.onFile(userId)
  const download = await service.send(`/api/documents/${left?.id}/file`)
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), content)
})

test('stores a content anew when another removes it at the same moment', async () => {
  const userId = await service.addUser('Coming')
  const content = pdf('going')
  const { id, sha256 } = await json<Uploaded>(await service.upload({ userId, content }))
  const rival = await service.pool.connect()
  await rival.query('begin')
  await rival.query('update documents.document set deleted_at = now(), file_sha256 = null where id = $1', [
    id,
  ])
  await rival.query('delete from documents.file where sha256 = $1', [sha256])
  const upload = service.upload({ userId, content, type: 'TAX_RETURN' })
  await untilWaiting(service.pool, 1)
  await rival.query('commit')
  rival.release()
  assert.equal((await upload).status, 201)
  const [left] = await service.onFile(userId)
  const download = await service.send(`/api/documents/${left?.id}/file`)
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), content)
})

interface Uploaded {
  readonly id: number
  readonly sha256: string
}

interface Sample {
  readonly content: Buffer
  readonly name: string
  readonly mediaType: string
  readonly disposition: string
}

const samples: readonly Sample[] = [
  {
    content: pdf(),
    name: 'pan.pdf',
    mediaType: 'application/pdf',
    disposition: `attachment; filename="pan.pdf"; filename*=UTF-8''pan.pdf`,
  },
  {
    content: jpeg,
    name: 'आधार.JPG',
    mediaType: 'image/jpeg',
    disposition: `attachment; filename="____.jpg"; filename*=UTF-8''%E0%A4%86%E0%A4%A7%E0%A4%BE%E0%A4%B0.jpg`,
  },
  {
    content: png,
    name: '../../x.html',
    mediaType: 'image/png',
    disposition: `attachment; filename="x.html.png"; filename*=UTF-8''x.html.png`,
  },
  {
    content: png,
    name: 'C:\\temp\\say "hi"; it\'s (50%).pdf',
    mediaType: 'image/png',
    disposition: `attachment; filename="say _hi_; it's (50_).pdf.png"; filename*=UTF-8''say%20%22hi%22%3B%20it%27s%20%2850%25%29.pdf.png`,
  },
  {
    content: pdf(),
    name: 'a\r\nset-cookie: x=1\u202egpj.exe',
    mediaType: 'application/pdf',
    disposition: `attachment; filename="a set-cookie: x=1gpj.exe.pdf"; filename*=UTF-8''a%20set-cookie%3A%20x%3D1gpj.exe.pdf`,
  },
]

for (const { content, name, mediaType, disposition } of samples) {
  test(`downloads ${JSON.stringify(name)} as it was uploaded, and as nothing that a browser runs`, async () => {
    const userId = await service.addUser('Downloads')
    const uploaded = await service.upload({ userId, type: 'TAX_RETURN', content, name })
    assert.equal(uploaded.status, 201)
    const { id } = await json<{ id: number }>(uploaded)
    const { status, headers, ...download } = await read(`/api/documents/${id}/file`)
    assert.equal(status, 200)
    assert.deepEqual(download.body, content)
    assert.equal(headers.get('content-type'), mediaType)
    assert.equal(headers.get('content-disposition'), disposition)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox")
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('set-cookie'), null)
  })
}

async function read(path: string): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const response = await service.send(path)
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  }
}
