import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { fileLimit } from '../src/upload.ts'
import { rawRequest } from './raw-request.ts'
import { pdf } from './samples.ts'
import { fileForm, jsonBody, testService, type TestService } from './test-service.ts'

// What clients do to the connection, and say of themselves.

let service: TestService
before(async () => {
  service = await testService()
})
after(() => service[Symbol.asyncDispose]())

const nothing = { files: 0, contents: 0, documents: 0 }
const user = '/api/users/1/documents'

test('stops reading a body of no announced length at the limit', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536))
    },
  })
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const request = { method: 'POST', body: endless, headers, duplex: 'half' } as const
  // The server answers, then cuts off who goes on sending: the client may hear the answer or only the cut.
  const status = await service.send(user, request).then(
    (response) => response.status,
    () => 'cut off',
  )
  assert.ok(status === 413 || status === 'cut off', `answered ${status}`)
  assert.ok(sent < 20 * fileLimit)
  assert.deepEqual(await service.counts(), nothing)
})

const head = (length: number) =>
  `POST ${user} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n` +
  `content-type: multipart/form-data; boundary=x\r\ncontent-length: ${length}\r\n\r\n`
const form =
  '--x\r\ncontent-disposition: form-data; name="documentType"\r\n\r\nPAN_CARD\r\n' +
  `--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n${pdf().toString()}\r\n--x--\r\n`

test('stores nothing when a body is longer than announced', async () => {
  const answer = await rawRequest(service.url, head(20) + form)
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.deepEqual(await service.counts(), nothing)
})

test('stores nothing when a body is shorter than announced', async () => {
  const answer = await rawRequest(service.url, head(form.length + 1) + form, { hangUp: true })
  assert.doesNotMatch(answer, /^HTTP\/1\.1 [25]/)
  assert.deepEqual(await service.counts(), nothing)
})

test('stores nothing when a body of no announced length breaks off, and does not take it for a failure of its own', async (t) => {
  const logged = t.mock.method(console, 'error', () => undefined)
  const request = head(0).replace('content-length: 0', 'transfer-encoding: chunked')
  const answer = await rawRequest(service.url, `${request}${form.length.toString(16)}\r\n${form}`, {
    hangUp: true,
  })
  assert.doesNotMatch(answer, /^HTTP\/1\.1 [25]/)
  assert.deepEqual(await service.counts(), nothing)
  assert.equal(logged.mock.callCount(), 0)
})

test('answers a failure of its own with 500, tells nothing of it, and logs it', async (t) => {
  const logged = t.mock.method(console, 'error', () => undefined)
  t.mock.method(service.pool, 'query', () => Promise.reject(new Error('password=secret')))
  const response = await service.send(user, { method: 'POST', body: fileForm(pdf(), 'card.pdf', 'PAN_CARD') })
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
  assert.equal(logged.mock.callCount(), 1)
})

test('answers to no host name but those of this machine', async () => {
  const ask = (host: string) =>
    rawRequest(service.url, `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:3000'])
    assert.match(await ask(host), /^HTTP\/1\.1 421 /)
  for (const host of ['localhost', '127.0.0.1:3000', '[::1]:3000'])
    assert.match(await ask(host), /^HTTP\/1\.1 200 /)
})

test('takes what a page of its own sends', async () => {
  const response = await service.send('/api/users', {
    ...jsonBody({ name: 'Own page' }),
    headers: { 'content-type': 'application/json', origin: service.url },
  })
  assert.equal(response.status, 201)
})
