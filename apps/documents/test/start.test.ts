import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'

import { testDatabase } from '@onerow/servers'
import { Client } from 'pg'

import { migrationLock } from '../src/migrate.ts'
import { runMain, startMain } from './main-process.ts'
import { pdf } from './samples.ts'
import { fileForm, json } from './test-service.ts'
import { untilWaiting } from './until-waiting.ts'

interface OnFile {
  readonly documents: readonly { readonly id: number; readonly fileName: string }[]
}

test('keeps the data over a restart', async () => {
  const parent = mkdtempSync('/tmp/onerow-documents-')
  chmodSync(parent, 0o755) // as root, PostgreSQL runs as another user, who must get in
  const env = { PORT: '0', ONEROW_DATA: join(parent, 'data') }
  try {
    const content = pdf('to be kept')
    {
      await using service = await startMain(env)
      const body = fileForm(content, 'kept.pdf', 'PAN_CARD')
      const { status } = await fetch(`${service.url}/api/users/1/documents`, { method: 'POST', body })
      assert.equal(status, 201)
      // With all of its connections open, none of which may complain of the shutdown.
      await Promise.all(Array.from({ length: 64 }, () => fetch(`${service.url}/api/users`)))
      assert.deepEqual(await service.stop('SIGTERM'), { code: 0, stderr: '' })
    }
    assert.ok(!existsSync(join(env.ONEROW_DATA, 'postmaster.pid')), 'PostgreSQL was shut down')
    {
      await using service = await startMain(env)
      const { documents } = await json<OnFile>(await fetch(`${service.url}/api/users/1/documents`))
      assert.deepEqual(
        documents.map(({ fileName }) => fileName),
        ['kept.pdf'],
      )
      const download = await fetch(`${service.url}/api/documents/${documents[0]?.id}/file`)
      assert.deepEqual(Buffer.from(await download.arrayBuffer()), content)
      assert.deepEqual(await service.stop('SIGINT'), { code: 0, stderr: '' })
    }
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
})

test('two processes that start at once on one empty database both serve it', async () => {
  await using database = await testDatabase({ name: 'documents' })
  const client = new Client({ connectionString: database.url })
  await client.connect()
  // Both are let go at the same moment, with the whole schema still to be made.
  await client.query('select pg_advisory_lock($1)', [migrationLock])
  const env = { PORT: '0', DATABASE_URL: database.url }
  const starting = [startMain(env), startMain(env)] as const
  await untilWaiting(client, 2, 'advisory')
  await client.query('select pg_advisory_unlock($1)', [migrationLock])
  await client.end()
  await using one = await starting[0]
  await using other = await starting[1]
  for (const { url } of [one, other]) {
    const { users } = await json<{ users: { name: string }[] }>(await fetch(`${url}/api/users`))
    assert.deepEqual(
      users.map(({ name }) => name),
      ['Asha Rao', 'Dev Patel', 'Meera Iyer'],
    )
  }
  for (const process of [one, other]) assert.deepEqual(await process.stop(), { code: 0, stderr: '' })
})

test('refuses to start when the database does not enforce a key, and says what to run', async () => {
  await using database = await testDatabase({ name: 'documents' })
  const env = { PORT: '0', DATABASE_URL: database.url }
  {
    await using service = await startMain(env)
    await service.stop()
  }
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query('drop index documents.unique_user_unique_document_type')
  const { code, stderr } = await runMain(env)
  assert.equal(code, 1)
  assert.match(stderr, /does not enforce what this service relies on:\n- unique_user_unique_document_type: /)
  const [ddl = ''] = /create unique index [^;]+;/.exec(stderr) ?? []
  assert.match(ddl, /where "document_type" in \('AADHAAR_CARD', 'PAN_CARD'\) and "deleted_at" is null;/)
  await client.query(ddl)
  await client.end()
  await using service = await startMain(env)
  assert.deepEqual(await service.stop(), { code: 0, stderr: '' })
})

for (const port of ['abc', '65536', '-1', '3000.5', '0x50', ' 80']) {
  test(`refuses PORT=${JSON.stringify(port)} with one clear line`, async () => {
    const { code, stderr } = await runMain({ PORT: port })
    assert.equal(code, 1)
    assert.equal(
      stderr,
      `PORT is "${port}". Give a whole number from 0 to 65535 (0: any free port), or unset it.\n`,
    )
  })
}

test('takes a free port when 3000 is taken, but not in place of the one it was told', async () => {
  await using database = await testDatabase({ name: 'documents' })
  const server = createServer().listen(3000, '127.0.0.1')
  // Taken by us or by another: either way it is taken.
  await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => undefined)
  const taken = (server.address() as AddressInfo | null)?.port ?? 3000
  try {
    await using service = await startMain({ DATABASE_URL: database.url })
    assert.notEqual(new URL(service.url).port, String(taken))
    const { code, stderr } = await runMain({ DATABASE_URL: database.url, PORT: String(taken) })
    assert.equal(code, 1)
    assert.equal(
      stderr,
      `Cannot listen on 127.0.0.1, port ${taken}: the port is in use. Set HOST and PORT otherwise, or unset them.\n`,
    )
    await service.stop()
  } finally {
    server.close()
  }
})

test('says so when DATABASE_URL leads nowhere', async () => {
  const { code, stderr } = await runMain({ DATABASE_URL: 'postgres://127.0.0.1:1/nowhere', PORT: '0' })
  assert.equal(code, 1)
  assert.match(stderr, /DATABASE_URL is set, but PostgreSQL does not answer/)
})
