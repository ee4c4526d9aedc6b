import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'

import * as mariadb from 'mariadb'
import * as mysql2 from 'mysql2/promise'

import {
  mysqlReplied,
  startTcpProxy,
  testMariadb,
  type TcpProxy,
  type TcpProxyOptions,
  type TestMariadb,
} from '../src/index.ts'
import { withMariadb } from './with-engine.ts'

const marked = { when: (bytes: Buffer): boolean => bytes.includes('marked'), replied: mysqlReplied }

/** What the two drivers have in common. */
interface Client {
  execute(text: string, values: string[]): Promise<unknown>
  query(text: string): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  end(): Promise<void>
}

const drivers: Readonly<
  Record<string, (address: mariadb.ConnectionConfig & mysql2.ConnectionOptions) => Promise<Client>>
> = {
  mysql2: mysql2.createConnection,
  mariadb: mariadb.createConnection,
}

let database: TestMariadb | undefined
before(async () => {
  database = await testMariadb({ name: 'proxy' })
})
after(() => database?.drop())

for (const driver of Object.keys(drivers)) {
  for (const [moment, rowsLeft] of [
    ['before-send', 0],
    ['after-send', 1],
    ['before-reply', 1],
  ] as const) {
    test(`${driver}: cuts ${moment}, which leaves ${rowsLeft} rows`, withMariadb, async () => {
      await using setup = await proxied(driver)
      const cut = setup.proxy.cutNext(moment, marked)
      await setup.client.query('do 1') // not marked, so it passes
      await assert.rejects(setup.insert('marked'), /lost|closed|ECONNRESET/)
      await cut
      assert.deepEqual(await setup.names(), rowsLeft === 0 ? [] : ['marked'])
    })
  }

  test(
    `${driver}: cuts before the reply of a statement that it has prepared before`,
    withMariadb,
    async () => {
      await using setup = await proxied(driver)
      await setup.insert('first')
      const cut = setup.proxy.cutNext('before-reply', marked)
      await assert.rejects(setup.insert('marked'))
      await cut
      assert.deepEqual(await setup.names(), ['first', 'marked'])
    },
  )

  test(`${driver}: a cut before the commit rolls back, and leaves no lock behind`, withMariadb, async () => {
    await using setup = await proxied(driver)
    await setup.client.query('begin')
    await setup.insert('marked')
    const cut = setup.proxy.cutNext('before-send', { when: (bytes) => bytes.includes('commit') })
    await assert.rejects(setup.client.query('commit'))
    await cut
    assert.deepEqual(await setup.names(), [])
    // With a wait: MariaDB closes the connection first and then rolls back.
    await setup.past.query(`set statement lock_wait_timeout = 10 for drop table ${setup.table}`)
  })

  test(`${driver}: an error is a reply, too`, withMariadb, async () => {
    await using setup = await proxied(driver)
    await setup.insert('marked')
    const cut = setup.proxy.cutNext('before-reply', marked)
    await assert.rejects(setup.insert('marked'), /lost|closed|ECONNRESET/) // the client hears of no duplicate
    await cut
  })

  test(`${driver}: a part of a reply is no reply`, withMariadb, async () => {
    let sent: Buffer = Buffer.alloc(0)
    let reply: Buffer = Buffer.alloc(0)
    await using setup = await proxied(driver, {
      onChunk({ from, bytes }) {
        if (from === 'server') reply = Buffer.concat([reply, bytes])
        else [sent, reply] = [bytes, Buffer.alloc(0)]
      },
    })
    await setup.insert('marked')
    assert.ok(sent.includes('marked'))
    const ends = Array.from({ length: reply.length + 1 }, (_, end) => end)
    assert.deepEqual(
      ends.filter((end) => mysqlReplied(reply.subarray(0, end), sent)),
      [reply.length],
    )
  })

  test(`${driver}: delays what passes, in both directions`, withMariadb, async () => {
    await using setup = await proxied(driver, { delay: 30 })
    const start = performance.now()
    await setup.client.query('do 1')
    assert.ok(performance.now() - start >= 58) // timers may be a millisecond early
  })
}

interface Proxied extends AsyncDisposable {
  readonly proxy: TcpProxy
  readonly table: string
  readonly client: Client
  /** A connection past the proxy. */
  readonly past: mariadb.Connection
  insert(name: string): Promise<unknown>
  /** What the table holds, read past the proxy. */
  names(): Promise<readonly string[]>
}

/** A proxy, a client behind it, and an empty table of its own. */
async function proxied(driver: string, options: Omit<TcpProxyOptions, 'port'> = {}): Promise<Proxied> {
  assert.ok(database)
  const { host, port, user, password } = database
  const address = { user, password, database: database.database }
  const table = `t${randomUUID().slice(0, 8)}`
  const past = await mariadb.createConnection({ ...address, host, port })
  await past.query(`create table ${table} (name varchar(20) primary key)`)
  const proxy = await startTcpProxy({ ...options, host, port })
  const client = await drivers[driver]?.({ ...address, host: '127.0.0.1', port: proxy.port })
  assert.ok(client)
  client.on('error', () => {}) // a cut fails the query at hand, and that is what tests look at
  return {
    proxy,
    table,
    client,
    past,
    insert: (name) => client.execute(`insert into ${table} (name) values (?)`, [name]),
    async names() {
      const rows = await past.query<readonly { readonly name: string }[]>(
        `select name from ${table} order by 1`,
      )
      return rows.map(({ name }) => name)
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await past.end()
    },
  }
}
