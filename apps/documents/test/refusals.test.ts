import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { documentTypeCodes } from '../src/document-types.ts'
import { fileLimit } from '../src/upload.ts'
import { pdf, png, web } from './samples.ts'
import { fileForm, json, jsonBody, testService, type TestService } from './test-service.ts'

let service: TestService
before(async () => {
  service = await testService()
})
after(() => service[Symbol.asyncDispose]())

const nothing = { files: 0, contents: 0, documents: 0 }

interface Refusal {
  readonly what: string
  readonly request: () => Promise<Response>
  readonly status: number
  readonly kind: string
  readonly detail: RegExp
}

const user = '/api/users/1/documents'
const post = (form: FormData, path = user) => service.send(path, { method: 'POST', body: form })

const refusals: readonly Refusal[] = [
  {
    what: 'a page that calls itself a PNG',
    request: () => post(fileForm(web, 'card.png', 'PAN_CARD')),
    status: 415,
    kind: 'wrong-content',
    detail: /not a PDF, JPEG or PNG, whatever its name says/,
  },
  {
    what: 'a GIF that calls itself a PDF',
    request: () => post(fileForm(Buffer.from('GIF89a\x01\0\x01\0\0\0\0;'), 'card.pdf', 'PAN_CARD')),
    status: 415,
    kind: 'wrong-content',
    detail: /It is image\/gif/,
  },
  {
    what: 'an empty file',
    request: () => post(fileForm(Buffer.alloc(0), 'card.pdf', 'PAN_CARD')),
    status: 422,
    kind: 'empty-file',
    detail: /empty/,
  },
  {
    what: 'a form whose file was not chosen',
    request: () => post(fileForm(Buffer.alloc(0), '', 'PAN_CARD')),
    status: 422,
    kind: 'missing-file',
    detail: /No file/,
  },
  {
    what: 'a form without a file',
    request: () => {
      const form = new FormData()
      form.set('documentType', 'PAN_CARD')
      return post(form)
    },
    status: 422,
    kind: 'missing-file',
    detail: /No file/,
  },
  {
    what: 'text where the file should be',
    request: () => {
      const form = new FormData()
      form.set('documentType', 'PAN_CARD')
      form.set('file', '%PDF-1.4')
      return post(form)
    },
    status: 422,
    kind: 'missing-file',
    detail: /No file/,
  },
  {
    what: 'a file one byte over the limit',
    request: () => post(fileForm(Buffer.concat([pdf()], fileLimit + 1), 'card.pdf', 'PAN_CARD')),
    status: 413,
    kind: 'too-large',
    detail: /larger than 10 MB/,
  },
  {
    what: 'a file far over the limit',
    request: () => post(fileForm(Buffer.concat([pdf()], 3 * fileLimit), 'card.pdf', 'PAN_CARD')),
    status: 413,
    kind: 'too-large',
    detail: /larger than 10 MB/,
  },
  {
    what: 'an unknown user',
    request: () => post(fileForm(pdf(), 'card.pdf', 'PAN_CARD'), '/api/users/999999/documents'),
    status: 404,
    kind: 'no-such-user',
    detail: /no such user/,
  },
  {
    what: 'a user id beyond any integer',
    request: () => post(fileForm(pdf(), 'card.pdf', 'PAN_CARD'), '/api/users/99999999999999999999/documents'),
    status: 404,
    kind: 'no-such-user',
    detail: /no such user/,
  },
  {
    what: 'an unknown document type',
    request: () => post(fileForm(pdf(), 'card.pdf', 'PASSPORT')),
    status: 422,
    kind: 'no-such-document-type',
    detail: /AADHAAR_CARD, PAN_CARD, SALARY_SLIP, TAX_RETURN/,
  },
  {
    what: 'no document type',
    request: () => post(fileForm(pdf(), 'card.pdf')),
    status: 422,
    kind: 'no-such-document-type',
    detail: /AADHAAR_CARD/,
  },
  {
    what: 'a body that is no form',
    request: () =>
      service.send(user, {
        method: 'POST',
        body: '%PDF-1.4',
        headers: { 'content-type': 'application/pdf' },
      }),
    status: 400,
    kind: 'malformed-request',
    detail: /multipart\/form-data/,
  },
  {
    what: 'a form that breaks off',
    request: () =>
      service.send(user, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4',
      }),
    status: 400,
    kind: 'malformed-request',
    detail: /multipart\/form-data/,
  },
  {
    what: 'replacing what is not on file',
    request: () =>
      service.send('/api/documents/999999/file', { method: 'PUT', body: fileForm(pdf(), 'card.pdf') }),
    status: 404,
    kind: 'no-such-document',
    detail: /no such document/,
  },
  {
    what: 'replacing "the" salary slip',
    request: () => service.send(`${user}/SALARY_SLIP`, { method: 'PUT', body: fileForm(pdf(), 'slip.pdf') }),
    status: 404,
    kind: 'no-such-document',
    detail: /may have many/,
  },
  {
    what: 'removing what is not on file',
    request: () => service.send('/api/documents/999999', { method: 'DELETE' }),
    status: 404,
    kind: 'no-such-document',
    detail: /no such document/,
  },
  {
    what: 'downloading what is not on file',
    request: () => service.send('/api/documents/1%20or%201=1/file'),
    status: 404,
    kind: 'no-such-document',
    detail: /no such document/,
  },
  {
    what: 'an unknown address',
    request: () => service.send('/api/nothing'),
    status: 404,
    kind: 'not-found',
    detail: /nothing at this address/,
  },
  {
    what: 'a user without a name',
    request: () => service.send('/api/users', jsonBody({ name: ' \u0000\u202e ' })),
    status: 422,
    kind: 'invalid-name',
    detail: /1 to 80/,
  },
  {
    what: 'a user with a name of megabytes',
    request: () => service.send('/api/users', jsonBody({ name: 'x'.repeat(5_000_000) })),
    status: 422,
    kind: 'invalid-name',
    detail: /1 to 80/,
  },
  {
    what: 'a user in no JSON',
    request: () => service.send('/api/users', { ...jsonBody(''), body: '{' }),
    status: 400,
    kind: 'malformed-request',
    detail: /JSON/,
  },
  {
    what: 'an upload from a page of another site',
    request: () =>
      service.send(user, {
        method: 'POST',
        body: fileForm(pdf(), 'card.pdf', 'PAN_CARD'),
        headers: { origin: 'http://evil.example' },
      }),
    status: 403,
    kind: 'cross-site',
    detail: /another site/,
  },
  {
    what: 'a removal from a page of another site',
    request: () =>
      service.send('/api/documents/1', { method: 'DELETE', headers: { 'sec-fetch-site': 'cross-site' } }),
    status: 403,
    kind: 'cross-site',
    detail: /another site/,
  },
]

for (const { what, request, status, kind, detail } of refusals) {
  test(`refuses ${what} with ${status} ${kind}, and stores nothing`, async () => {
    const response = await request()
    const problem = await json<Record<string, unknown>>(response)
    assert.equal(response.status, status)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(problem['status'], status)
    assert.equal(problem['type'], `/problems/${kind}`)
    assert.match(String(problem['detail']), detail)
    assert.deepEqual(await service.counts(), nothing)
    assert.match(await (await service.send(`/problems/${kind}`)).text(), new RegExp(`^${status}: `))
  })
}

test('refuses a second identity card through the strict form with 409, and names the first', async () => {
  const userId = await service.addUser('Strict')
  const first = await service.upload({ userId, strict: true })
  assert.equal(first.status, 201)
  const { id } = await json<{ id: number }>(first)
  const before = await service.counts()
  const second = await service.upload({ userId, strict: true, content: png, name: 'other.png' })
  assert.equal(second.status, 409)
  assert.equal(second.headers.get('content-type'), 'application/problem+json')
  const problem = await json<{ detail: string; document: { id: number; fileName: string } }>(second)
  assert.equal(problem.detail, 'This user already has a PAN card.')
  assert.equal(problem.document.id, id)
  assert.equal(problem.document.fileName, 'card.pdf')
  assert.deepEqual(await service.counts(), before)
  await service.send(`/api/documents/${id}`, { method: 'DELETE' })
})

test('takes a file of exactly the limit', async () => {
  const userId = await service.addUser('Limit')
  const response = await service.upload({ userId, content: Buffer.concat([pdf()], fileLimit) })
  assert.equal(response.status, 201)
  const { id } = await json<{ id: number }>(response)
  const download = await (await service.send(`/api/documents/${id}/file`)).arrayBuffer()
  assert.equal(download.byteLength, fileLimit)
  await service.send(`/api/documents/${id}`, { method: 'DELETE' })
})

test('takes every document type', async () => {
  const userId = await service.addUser('Everything')
  for (const type of documentTypeCodes) assert.equal((await service.upload({ userId, type })).status, 201)
  for (const { id } of await service.onFile(userId))
    await service.send(`/api/documents/${id}`, { method: 'DELETE' })
})
