import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { openPostgres, startPostgres } from '../src/index.ts'
import { query } from './query.ts'

test('starts a server of its own without DATABASE_URL', async (t) => {
  setDatabaseUrl(t, undefined)
  const postgres = await openPostgres()
  assert.equal(postgres.embedded, true)
  await query(postgres.url, 'select 1')
  await postgres.stop()
  await assert.rejects(query(postgres.url, 'select 1'), /ECONNREFUSED/)
})

test('uses the server of DATABASE_URL, and leaves it running', async (t) => {
  await using server = await startPostgres()
  setDatabaseUrl(t, server.url)
  const postgres = await openPostgres({ dataDirectory: '/not/used' })
  const { url, version, embedded } = postgres
  assert.deepEqual({ url, version, embedded }, { url: server.url, version: server.version, embedded: false })
  await postgres.stop()
  await query(url, 'select 1')
})

test('says why DATABASE_URL does not work, without its password', async (t) => {
  await using server = await startPostgres()
  const rejection = async (url: string): Promise<string> => {
    setDatabaseUrl(t, url)
    const error = await openPostgres().then(() => assert.fail('It opened'), String)
    assert.doesNotMatch(error, /s3cret/)
    assert.match(error, /DATABASE_URL is set, but/)
    return error
  }
  const at = `127.0.0.1:${server.port}`
  assert.match(
    await rejection(`postgres://postgres:s3cret@${at}/missing`),
    new RegExp(`does not answer at postgres://postgres@${at}/missing: database "missing" does not exist`),
  )
  assert.match(await rejection('postgres://u:s3cret@127.0.0.1:1/d'), /u@127\.0\.0\.1:1\/d: .*ECONNREFUSED/)
  assert.match(
    await rejection('postgres://u@localhost:1/d?password=s3cret'),
    /u@localhost:1\/d: .*ECONNREFUSED/,
  )
  assert.match(await rejection('s3cret'), /is no url/)
  assert.match(await rejection('mysql://u:s3cret@127.0.0.1/d'), /is no url/)
  assert.match(await rejection('postgres://u:12/s3cret@127.0.0.1/d'), /is no url.*%2F/)
})

function setDatabaseUrl(t: TestContext, url: string | undefined): void {
  const before = process.env['DATABASE_URL']
  t.after(() => assign(before))
  assign(url)
}

function assign(url: string | undefined): void {
  if (url === undefined) delete process.env['DATABASE_URL']
  else process.env['DATABASE_URL'] = url
}
