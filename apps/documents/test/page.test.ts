import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { WrongWayResult } from '../src/wrong-way.ts'
import { png } from './samples.ts'
import { json, testService, type TestService } from './test-service.ts'

let service: TestService
before(async () => {
  service = await testService()
})
after(() => service[Symbol.asyncDispose]())

test('shows what the chosen user has on file, and escapes what users wrote', async () => {
  const userId = await service.addUser('<script>alert(1)</script> & "co"')
  await service.upload({ userId, content: png, name: `"><img src=x onerror=alert('1')>.png` })
  const response = await service.send(`/?user=${userId}`)
  const page = await response.text()
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/)
  assert.match(page, /On file for &lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; &quot;co&quot;/)
  assert.match(page, /&quot;&gt;&lt;img src=x onerror=alert\(&#39;1&#39;\)&gt;\.png/)
  assert.doesNotMatch(page, /<script>alert|<img/)
})

test('shows the first user at first, and 404 for one that does not exist', async () => {
  assert.match(await (await service.send('/')).text(), /On file for/)
  const unknown = await service.send('/?user=999999')
  assert.equal(unknown.status, 404)
  assert.match(await unknown.text(), /There is no such user/)
})

for (const [path, type] of [
  ['/page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml'],
] as const) {
  test(`serves ${path}`, async () => {
    const response = await service.send(path)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), type)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  })
}

test('the wrong way makes a card for every caller, every time, and fails from then on', async () => {
  for (let run = 1; run <= 3; run++) {
    const result = await json<WrongWayResult>(await service.send('/api/wrong-way', { method: 'POST' }))
    assert.deepEqual(
      { ...result, onerow: '' },
      {
        callers: 64,
        created: 64,
        cards: 64,
        laterCall: 'get() returned more than one Document -- it returned 64!',
        onerow: '',
      },
    )
    assert.match(result.onerow, /^duplicate-rows: 64 rows have this value of the key/)
  }
  const { rows } = await service.pool.query('select from wrong_way.naive_document')
  assert.equal(rows.length, 0)
})
