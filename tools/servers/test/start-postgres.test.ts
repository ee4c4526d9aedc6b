import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { startPostgres } from '../src/index.ts'
import { withClient } from '../src/with-client.ts'
import { parentProcess } from './parent-process.ts'
import { query } from './query.ts'
import { scratchDirectory } from './scratch-directory.ts'

test('starts in a temporary folder, answers, and removes the folder when stopped', async () => {
  const server = await startPostgres()
  assert.match(server.url, /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/)
  assert.deepEqual(await query(server.url, 'show server_version'), [{ server_version: server.version }])
  assert.deepEqual(await query(server.url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
  assert.deepEqual(await query(server.url, 'show fsync'), [{ fsync: 'off' }])
  await server.stop()
  assert.equal(existsSync(server.dataDirectory), false)
  assert.throws(() => process.kill(server.pid, 0))
  await server.stop() // a second time does no harm
})

test('two run at once', async () => {
  const [one, two] = await Promise.all([startPostgres(), startPostgres()])
  await using _one = one
  await using _two = two
  assert.notEqual(one.port, two.port)
  assert.notEqual(one.dataDirectory, two.dataDirectory)
  await query(one.url, 'select 1')
  await query(two.url, 'select 1')
})

test('takes settings, but never listens beyond loopback', async () => {
  const settings = { max_connections: '37', listen_addresses: '*', 'Listen-Addresses': '*' }
  await using server = await startPostgres({ settings })
  assert.deepEqual(await query(server.url, 'show max_connections'), [{ max_connections: '37' }])
  assert.deepEqual(await query(server.url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
})

test('keeps a given folder, its data and its database over stop and start', async () => {
  using scratch = scratchDirectory()
  const options = { dataDirectory: join(scratch.path, 'some/data'), database: 'documents & more' }
  const first = await startPostgres(options)
  await query(first.url, 'create table t as select current_database() as name')
  assert.deepEqual(await query(first.url, 'show fsync'), [{ fsync: 'on' }])
  await first.stop()

  await using second = await startPostgres(options)
  assert.deepEqual(await query(second.url, 'select name from t'), [{ name: 'documents & more' }])
  assert.deepEqual(readdirSync(join(scratch.path, 'some')), ['data'])
})

test('takes an empty folder that exists', async () => {
  using scratch = scratchDirectory()
  const dataDirectory = join(scratch.path, 'data')
  mkdirSync(dataDirectory)
  await using server = await startPostgres({ dataDirectory })
  await query(server.url, 'select 1')
})

test('recovers what was committed when it is killed, on the same port', async () => {
  using scratch = scratchDirectory()
  const dataDirectory = join(scratch.path, 'data')
  const first = await startPostgres({ dataDirectory })
  await withClient(first.url, async (client) => {
    await client.query('create table t (id int)')
    await client.query('insert into t values (1)')
    await client.query('begin')
    await client.query('insert into t values (2)')
    await first.kill()
  })
  await using second = await startPostgres({ dataDirectory, port: first.port })
  assert.equal(second.url, first.url)
  assert.deepEqual(await query(second.url, 'select id from t'), [{ id: 1 }])
})

test('a temporary server goes when its process is killed', async () => {
  const parent = await parentProcess()
  assert.equal(existsSync(parent.server.dataDirectory), true)
  await parent.kill()
  await parent.serverGone()
  assert.equal(existsSync(parent.server.dataDirectory), false)
})

test('a temporary server goes when its process ends without stopping it', async () => {
  const parent = await parentProcess({ afterStart: 'throw new Error("uncaught")' })
  await parent.serverGone()
  assert.equal(existsSync(parent.server.dataDirectory), false)
})

test('a kept folder can be opened again right after its process was killed', async () => {
  using scratch = scratchDirectory()
  const dataDirectory = join(scratch.path, 'data')
  const parent = await parentProcess({ dataDirectory })
  await query(parent.server.url, 'create table t (id int)')
  await parent.kill()
  await using server = await startPostgres({ dataDirectory })
  assert.deepEqual(await query(server.url, 'select id from t'), [])
})

test('says that the port is in use', async () => {
  await using server = await startPostgres()
  await assert.rejects(startPostgres({ port: server.port }), (error: Error) => {
    assert.match(error.message, new RegExp(`port ${server.port} of 127.0.0.1 is in use`))
    assert.match(error.message, /Its log ends:\n.*could not bind/s)
    return true
  })
})

test('says who uses the data folder', async () => {
  using scratch = scratchDirectory()
  const dataDirectory = join(scratch.path, 'data')
  await using server = await startPostgres({ dataDirectory })
  await assert.rejects(
    startPostgres({ dataDirectory }),
    new RegExp(`data folder ${dataDirectory} is in use by process ${server.pid}, on port ${server.port}`),
  )
})

test('says which version made the data folder', async () => {
  using scratch = scratchDirectory()
  writeFileSync(join(scratch.path, 'PG_VERSION'), '12\n')
  await assert.rejects(
    startPostgres({ dataDirectory: scratch.path }),
    /was made by PostgreSQL 12, and this is PostgreSQL 18\.\d+, which cannot read it/,
  )
})

test('leaves a folder alone that holds something else', async () => {
  using scratch = scratchDirectory()
  writeFileSync(join(scratch.path, 'thesis.txt'), 'chapter 1')
  await assert.rejects(startPostgres({ dataDirectory: scratch.path }), /holds files \(thesis\.txt\) but no/)
  assert.deepEqual(readdirSync(scratch.path), ['thesis.txt'])
})

test('says that the programs are missing', async () => {
  using scratch = scratchDirectory()
  await assert.rejects(
    startPostgres({ binDirectory: scratch.path }),
    /postgres cannot be run.*ENOENT.*binDirectory.*DATABASE_URL/s,
  )
})

test('gives the words of the server for whatever else is wrong', async () => {
  await assert.rejects(
    startPostgres({ settings: { shared_buffers: 'plenty' } }),
    /did not start on .*Its log ends:\n.*invalid value for parameter "shared_buffers": "plenty"/s,
  )
})
