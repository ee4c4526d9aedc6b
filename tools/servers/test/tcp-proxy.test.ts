import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'

import { Client } from 'pg'

import {
  startTcpProxy,
  testDatabase,
  type TcpProxy,
  type TcpProxyOptions,
  type TestDatabase,
} from '../src/index.ts'
import { query } from './query.ts'

const insert = { text: 'insert into t (name) values ($1)', values: ['marked'] }
const isMarked = { when: (bytes: Buffer): boolean => bytes.includes('marked') }

let database: TestDatabase
before(async () => {
  database = await testDatabase({ name: 'proxy' })
})
after(() => database.drop())

test('passes queries on, in both directions', async () => {
  await using setup = await proxied()
  assert.equal(setup.proxy.connections, 1)
  const { rows } = await setup.client.query<{ readonly long: string }>("select repeat('x', 1e6::int) as long")
  assert.equal(rows[0]?.long.length, 1e6)
  await setup.client.end()
})

for (const [moment, rowsLeft] of [
  ['before-send', 0],
  ['after-send', 1],
  ['before-reply', 1],
] as const) {
  test(`cuts ${moment}, which leaves ${rowsLeft} rows`, async () => {
    await using setup = await proxied()
    const cut = setup.proxy.cutNext(moment, isMarked)
    await setup.client.query('select 1') // not marked, so it passes
    await assert.rejects(setup.client.query(insert), /Connection terminated|ECONNRESET/)
    await cut
    assert.equal((await setup.rows()).length, rowsLeft)
    await (await setup.connect()).query('select 1') // the cut was for one connection only
  })
}

test('a cut before the commit rolls back, and leaves no lock behind', async () => {
  await using setup = await proxied()
  await setup.client.query('begin')
  await setup.client.query(insert)
  const cut = setup.proxy.cutNext('before-send', { when: (bytes) => bytes.includes('commit') })
  await assert.rejects(setup.client.query('commit'))
  await cut
  await query(database.url, `begin; lock table ${setup.schema}.t in access exclusive mode nowait; commit`)
  assert.deepEqual(await setup.rows(), [])
})

test('a cut before the reply waits for the whole of a long reply', async () => {
  await using setup = await proxied()
  const cut = setup.proxy.cutNext('before-reply', isMarked)
  const text = `with new as (${insert.text} returning name) select repeat(name, 100000) from new`
  await assert.rejects(setup.client.query({ ...insert, text }))
  await cut
  assert.equal((await setup.rows()).length, 1)
})

test('a cut before a reply that never comes says so', async () => {
  await using setup = await proxied()
  const cut = setup.proxy.cutNext('before-reply', { ...isMarked, replied: () => false })
  const unanswered = assert.rejects(cut, /closed the connection unanswered/)
  const text = "select pg_terminate_backend(pg_backend_pid()), $1 || ''"
  await assert.rejects(setup.client.query({ ...insert, text }))
  await unanswered
})

test('cuts all open connections', async () => {
  await using setup = await proxied()
  const lost = new Promise((resolve) => setup.client.once('error', resolve))
  setup.proxy.cut()
  await lost
  await assert.rejects(setup.client.query('select 1'))
})

test('refuses connections, and accepts them again on the same port', async () => {
  await using setup = await proxied()
  setup.proxy.refuse()
  await assert.rejects(setup.connect(), /ECONNREFUSED/)
  await setup.client.query('select 1') // the open one stays
  await setup.proxy.accept()
  await (await setup.connect()).query('select 1')
})

test('shows all bytes', async () => {
  const seen: string[] = []
  await using setup = await proxied({
    onChunk: ({ from, bytes }) => seen.push(`${from}: ${bytes.toString()}`),
  })
  await setup.client.query("select 'ping' || 'pong' as both")
  assert.ok(seen.some((chunk) => chunk.startsWith('client:') && chunk.includes("'ping' || 'pong'")))
  assert.ok(seen.some((chunk) => chunk.startsWith('server:') && chunk.includes('pingpong')))
})

test('keeps the order of bytes that it delays', async () => {
  await using setup = await proxied({ delay: 2 })
  const numbers = Array.from({ length: 100_000 }, (_, n) => n)
  const { rows } = await setup.client.query<{ readonly n: number }>('select unnest($1::int[]) as n', [
    numbers,
  ])
  assert.deepEqual(
    rows.map(({ n }) => n),
    numbers,
  )
})

interface Proxied extends AsyncDisposable {
  readonly proxy: TcpProxy
  readonly schema: string
  readonly client: Client
  /** Another client. */
  connect(): Promise<Client>
  /** The rows of the table, read past the proxy. */
  rows(): Promise<readonly object[]>
}

/** A proxy, a client behind it, and an empty table `t` in a schema of its own, which is the client's default. */
async function proxied(options: Omit<TcpProxyOptions, 'port'> = {}): Promise<Proxied> {
  const schema = `s${randomUUID().slice(0, 8)}`
  await query(database.url, `create schema ${schema} create table t (name text)`)
  const url = new URL(database.url)
  const proxy = await startTcpProxy({ ...options, host: url.hostname, port: Number(url.port || 5432) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: url.href, options: `-c search_path=${schema}` })
    client.on('error', () => {}) // a cut fails the query at hand, and that is what tests look at
    await client.connect()
    return client
  }
  return {
    proxy,
    schema,
    client: await connect(),
    connect,
    rows: () => query(database.url, `select name from ${schema}.t`),
    [Symbol.asyncDispose]: () => proxy.close(),
  }
}
