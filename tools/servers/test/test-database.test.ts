import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { Client } from 'pg'

import { hasPostgres15, testDatabase } from '../src/index.ts'
import { query } from './query.ts'

const run = promisify(execFile)

test('gives each test a database of its own, and drops it under open connections', async () => {
  await using one = await testDatabase({ name: 'one' })
  await query(one.url, 'create table t (id int)')
  const two = await testDatabase({ name: 'one' })
  await query(two.url, 'create table t (id int)')
  assert.match(two.url, /\/one_[0-9a-f]{8}$/)

  const client = new Client(two.url)
  client.on('error', () => {})
  await client.connect()
  await two.drop()
  await assert.rejects(query(two.url, 'select 1'))
})

test('gives a database of PostgreSQL 15, or none where there is none', async () => {
  await using database = await testDatabase({ version: 15 })
  assert.equal(database !== undefined, hasPostgres15())
  if (!database) return
  const [row] = await query(
    database.url,
    "select current_setting('server_version_num')::int / 10000 as major",
  )
  assert.deepEqual(row, { major: 15 })
})

test('the setup of node --test hands its servers to the test files', async () => {
  const flags = ['--conditions=source', '--test', '--test-reporter=tap']
  const setup = fileURLToPath(new URL('../src/test-setup.ts', import.meta.url))
  const file = fileURLToPath(new URL('fixtures/uses-the-setup.ts', import.meta.url))
  // Cleared: NODE_TEST_CONTEXT would make it a child of this run, which reports nothing; the others name servers.
  const cleared = /^(NODE_TEST_CONTEXT|DATABASE_URL|ONEROW_(POSTGRES|POSTGRES_15|MARIADB)_URL)$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !cleared.test(name)))
  const { stdout } = await run(process.execPath, [...flags, `--test-global-setup=${setup}`, file], { env })
  assert.match(stdout, /# pass 1\n# fail 0/)
  const [, pid] = /postmaster (\d+)/.exec(stdout) ?? []
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' })
})
