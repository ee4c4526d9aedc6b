import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { drizzle } from 'drizzle-orm/node-postgres'
import { getOrCreate, transaction } from 'onerow'
import type { Database } from 'onerow'
import { fromDrizzle } from 'onerow/drizzle'
import { fromPg } from 'onerow/pg'
import { Pool } from 'pg'
import { declareItems } from '../../src/conformance/items.ts'

// A BEGIN that the client no longer waits for is not one that the server has refused: it may arrive yet. Given back to the pool,
// its connection would have the next caller's row in a transaction that nobody commits.

const database = await testDatabase({ name: 'unanswered' })
const direct = new Pool({ connectionString: database.url })
after(async () => {
  await direct.end()
  await database.drop()
})
const { key, name } = declareItems('item')
await direct.query(
  `create table ${name} (id serial primary key, owner_id int not null, kind text not null, label text not null, note text, amount int default 0)`,
)
await direct.query(`create unique index ${key.name} on ${name} (owner_id, kind)`)

/** A way to the server that keeps the next BEGIN to itself until it is told to let it pass. */
async function startHoldingProxy() {
  const begun = Promise.withResolvers<() => void>()
  let isHolding = true
  const pass = (client: Socket, upstream: Socket): void => {
    client.on('data', (bytes) => {
      if (isHolding && /begin/i.test(bytes.toString('latin1'))) {
        isHolding = false
        begun.resolve(() => void upstream.write(bytes))
      } else upstream.write(bytes)
    })
    upstream.on('data', (bytes) => client.write(bytes))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      socket.on('close', () => other.destroy()).on('error', () => other.destroy())
  }
  const listener = createServer((client) =>
    pass(client, connect(Number(new URL(database.url).port), '127.0.0.1')),
  )
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const where = new URL(database.url)
  where.port = String((listener.address() as AddressInfo).port) // a TCP server's address, once it listens
  return { where: where.href, begun: begun.promise, close: () => listener.close() }
}

const tools: readonly (readonly [tool: string, databaseOf: (pool: Pool) => Database])[] = [
  ['pg', fromPg],
  ['drizzle', (pool) => fromDrizzle(drizzle({ client: pool }))],
]

for (const [owner, [tool, databaseOf]] of tools.entries()) {
  test(`${tool}: a row made after a BEGIN that was not answered in time is committed`, async () => {
    const proxy = await startHoldingProxy()
    const pool = new Pool({ connectionString: proxy.where, max: 1, query_timeout: 500 })
    pool.on('error', () => {})
    const failing = assert.rejects(
      transaction(databaseOf(pool), async () => {}),
      (error: Error) => /timeout/.test(`${error.message} ${String(error.cause)}`),
    )
    const letPass = await proxy.begun
    await failing
    letPass()
    const { created } = await getOrCreate(databaseOf(pool), key, {
      where: { owner, kind: 'a' },
      create: { label: 'x' },
    })
    assert.equal(created, true)
    const { rows } = await direct.query(`select label from ${name} where owner_id = ${owner}`)
    assert.deepEqual(rows, [{ label: 'x' }])
    await pool.end()
    proxy.close()
  })
}
