import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, keySql, table, transaction, uniqueKey, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import { fromPostgresJs } from 'onerow/postgres-js'
import pg from 'pg'
import postgres from 'postgres'

const database = await testDatabase({ name: 'regressions' })
const pool = new pg.Pool({ connectionString: database.url })
const client = new pg.Client(database.url)
await client.connect()
const sql = postgres(database.url)
const sqlite = new DatabaseSync(':memory:')
after(async () => {
  sqlite.close()
  await client.end()
  await sql.end()
  await pool.end()
  await database.drop()
})

const counters = table<{ name: string; value: number }>('counter', {
  columns: { name: 'name', value: 'value' },
})
const key = uniqueKey(counters, ['name'], { name: 'counter_name' })
for (const db of [fromPg(pool), fromNodeSqlite(sqlite)] as const) {
  await db.execute({ text: 'create table counter (name text not null, value integer not null)', values: [] })
  await db.execute({ text: keySql(key, db.dialect), values: [] })
}

const databases: readonly (readonly [string, () => Database])[] = [
  ['pg.Pool', () => fromPg(pool)],
  ['pg.Client', () => fromPg(client)],
  ['postgres.js', () => fromPostgresJs(sql)],
  ['node:sqlite', () => fromNodeSqlite(sqlite)],
]

for (const [name, open] of databases) {
  test(`${name}: a call that was not awaited does not go on after its transaction`, async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const where = { name: `${name} late` }
    let late: Promise<unknown> | undefined
    const work = transaction(open(), async (tx) => {
      const { promise: reading, resolve: read } = Promise.withResolvers<void>()
      const create = async () => {
        read()
        await released
        return { value: 1 }
      }
      late = getOrCreate(tx, key, { where, create })
      late.catch(() => undefined)
      await reading
      throw new Error('rolled back')
    })
    await assert.rejects(work, /rolled back/)
    release()
    await assert.rejects(late ?? Promise.resolve(), /This transaction has ended\. Await every call/)
    assert.equal((await getOrCreate(open(), key, { where, create: { value: 2 } })).created, true)
  })
}

for (const [name, open] of databases.filter(([label]) => ['pg.Client', 'node:sqlite'].includes(label))) {
  test(`${name}: what was started in one transaction does not slip into the next`, async () => {
    // The async context of a transaction that is over, as a timer or a queue that it started would have.
    let stale: typeof AsyncLocalStorage.snapshot extends () => infer Run ? Run : never =
      AsyncLocalStorage.snapshot()
    await transaction(open(), async () => {
      stale = AsyncLocalStorage.snapshot()
    })
    const where = { name: `${name} background` }
    let background: Promise<{ created: boolean }> | undefined
    const work = transaction(open(), async () => {
      background = stale(() => getOrCreate(open(), key, { where, create: { value: 1 } }))
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('rolled back')
    })
    await assert.rejects(work, /rolled back/)
    assert.equal((await background)?.created, true)
    assert.equal((await getOrCreate(open(), key, { where, create: { value: 2 } })).created, false)
  })
}

test('create may use the pool that the call runs on, even one of one connection', async () => {
  const single = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    const { row } = await updateOrCreate(fromPg(single), key, {
      where: { name: 'create uses the pool' },
      create: async () => ({
        value: Number((await single.query<{ n: number }>('select 41 as n')).rows[0]?.n),
      }),
      update: ({ value }) => ({ value: value + 1 }),
    })
    assert.equal(row.value, 41)
  } finally {
    await single.end()
  }
})

test("a BEGIN that is still on its way on a pg.Client is the caller's transaction", async () => {
  const where = { name: 'pipelined' }
  const begun = client.query('begin')
  await updateOrCreate(fromPg(client), key, { where, create: { value: 1 }, update: () => ({}) })
  await begun
  await client.query('rollback')
  assert.equal((await getOrCreate(fromPg(client), key, { where, create: { value: 2 } })).created, true)
})

test('an error whose cause is itself is passed on', async () => {
  for (const [, open] of databases) {
    const ring = new Error('ring')
    ring.cause = ring
    await assert.rejects(
      transaction(open(), async () => {
        throw ring
      }),
      (error) => error === ring,
    )
  }
})
