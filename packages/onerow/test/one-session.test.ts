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

// Many callers on one connection, as with any SQLite application: while one of them has a transaction open, the
// statements of the others must neither slip into it nor wait for ever.

interface Counter {
  readonly name: string
  readonly value: number
}

const counters = table<Counter>('counter', { columns: { name: 'name', value: 'value' } })
const byName = uniqueKey(counters, ['name'], { name: 'counter_name' })

async function prepared(db: Database): Promise<void> {
  await db.execute({ text: 'create table counter (name text not null, value integer not null)', values: [] })
  await db.execute({ text: keySql(byName, db.dialect), values: [] })
}

// Runs a function outside of the caller's async context, as another request of the application would.
const outside = AsyncLocalStorage.snapshot()

const sqliteFile = new DatabaseSync(':memory:')
const database = await testDatabase({ name: 'one_session' })
const client = new pg.Client(database.url)
await client.connect()
const sql = postgres(database.url, { max: 1 })
const reserved = await sql.reserve()
after(async () => {
  sqliteFile.close()
  await client.end()
  reserved.release()
  await sql.end()
  await database.drop()
})

await prepared(fromNodeSqlite(sqliteFile))
await prepared(fromPg(client))

const sessions: readonly (readonly [string, () => Database])[] = [
  ['node:sqlite', () => fromNodeSqlite(sqliteFile)],
  ['pg.Client', () => fromPg(client)],
  ['a reserved connection of postgres.js', () => fromPostgresJs(reserved)],
]

for (const [name, open] of sessions) {
  test(`${name}: another caller's row survives the rollback of a call's own transaction`, async () => {
    const where = (caller: string) => ({ name: `${name} ${caller}` })
    let other: Promise<{ created: boolean }> | undefined
    await getOrCreate(open(), byName, { where: where('mine'), create: { value: 1 } })
    const failing = updateOrCreate(open(), byName, {
      where: where('mine'),
      create: { value: 1 },
      update: async () => {
        // Not awaited: it belongs to nobody's transaction, and waits for the end of this one.
        other = outside(() => getOrCreate(open(), byName, { where: where('other'), create: { value: 1 } }))
        throw new Error('rolled back')
      },
    })
    await assert.rejects(failing, /rolled back/)
    assert.equal((await other)?.created, true)
    const { created } = await getOrCreate(open(), byName, { where: where('other'), create: { value: 2 } })
    assert.equal(created, false, 'it is still there')
  })

  test(`${name}: inside the transaction's own work, the same connection takes part in it`, async () => {
    const where = { name: `${name} inside` }
    const work = transaction(open(), async () => {
      await getOrCreate(open(), byName, { where, create: { value: 1 } })
      throw new Error('rolled back')
    })
    await assert.rejects(work, /rolled back/)
    assert.equal((await getOrCreate(open(), byName, { where, create: { value: 2 } })).created, true)
  })

  test(`${name}: 64 callers increment one row by function`, async () => {
    const increment = () =>
      updateOrCreate(open(), byName, {
        where: { name: `${name} sum` },
        create: { value: 1 },
        update: async (row) => ({ value: row.value + 1 }),
      })
    await Promise.all(Array.from({ length: 64 }, increment))
    const { row } = await getOrCreate(open(), byName, {
      where: { name: `${name} sum` },
      create: { value: 0 },
    })
    assert.equal(row.value, 64)
  })

  test(`${name}: in a transaction that the caller opened by hand, a call takes part and leaves it open`, async () => {
    const db = open()
    const where = { name: `${name} by hand` }
    await db.execute({ text: 'begin', values: [] })
    await updateOrCreate(db, byName, {
      where,
      create: { value: 1 },
      update: (row) => ({ value: row.value + 1 }),
    })
    await updateOrCreate(db, byName, {
      where,
      create: { value: 1 },
      update: (row) => ({ value: row.value + 1 }),
    })
    assert.equal(await db.inTransaction(), true)
    await db.execute({ text: 'rollback', values: [] })
    assert.equal((await getOrCreate(db, byName, { where, create: { value: 1 } })).created, true)
  })
}
