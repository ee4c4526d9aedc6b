import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { testDatabase } from '@onerow/servers'
import { drizzle as onPg } from 'drizzle-orm/node-postgres'
import { pgTable, serial, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { drizzle as onPglite } from 'drizzle-orm/pglite'
import { drizzle as onPostgresJs } from 'drizzle-orm/postgres-js'
import { getOrCreate, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { Client, Pool } from 'pg'
import postgres from 'postgres'

const accounts = pgTable(
  'account',
  { id: serial().primaryKey(), email: text().notNull(), name: text().notNull() },
  (account) => [uniqueIndex('account_email').on(account.email)],
)
const audits = pgTable('audit', { what: text().notNull() })
const byEmail = uniqueKey(drizzleTable(accounts), ['email'], { name: 'account_email' })
const ddl = `
create table account (id serial primary key, email text not null, name text not null);
create unique index account_email on account (email);
create table audit (what text not null);`

const where = { email: 'ada@example.com' }
const create = { name: 'Ada' }

const database = await testDatabase({ name: 'drizzle_transaction' })
// What takes a second connection while it holds one never ends here.
const pool = new Pool({ connectionString: database.url, max: 1 })
const client = postgres(database.url, { max: 1, onnotice: () => {} })
const pglite = await PGlite.create()
const rival = new Pool({ connectionString: database.url })
await rival.query(ddl)
await pglite.exec(ddl)
after(async () => {
  await Promise.all([pool.end(), client.end(), pglite.close(), rival.end()])
  await database.drop()
})

class Undone extends Error {}

for (const [name, db] of [
  ['node-postgres', onPg(pool)],
  ['postgres-js', onPostgresJs(client)],
  ['PGlite', onPglite(pglite)],
] as const) {
  describe(`in a transaction of Drizzle's on ${name}`, () => {
    const stored = async () =>
      [await db.select().from(accounts), await db.select().from(audits)].map((rows) => rows.length)
    beforeEach(async () => {
      await db.delete(accounts)
      await db.delete(audits)
    })

    test("a row that is created goes with the caller's rollback, and the savepoint's", async () => {
      const work = db.transaction(async (tx) => {
        const { created } = await getOrCreate(fromDrizzle(tx), byEmail, { where, create })
        const inner = tx.transaction(async (savepoint) => {
          await getOrCreate(fromDrizzle(savepoint), byEmail, { where: { email: 'bob@example.com' }, create })
          throw new Undone()
        })
        await assert.rejects(inner, Undone)
        assert.deepEqual([created, (await tx.select().from(accounts)).length], [true, 1])
        throw new Undone()
      })
      await assert.rejects(work, Undone)
      assert.deepEqual(await stored(), [0, 0])
    })

    test('in a transaction of onerow, `tx.client` is that of Drizzle, and its savepoints nest', async () => {
      const on = fromDrizzle(db)
      const work = (fails: boolean) =>
        transaction(
          on,
          async (tx) => {
            await tx.client.insert(audits).values({ what: 'made' })
            const { row } = await getOrCreate(tx, byEmail, { where, create })
            await tx.client.transaction(async (savepoint) => {
              await savepoint.insert(audits).values({ what: row.email })
            })
            if (fails) throw new Undone()
            return row
          },
          { isolation: 'serializable' },
        )
      await assert.rejects(work(true), Undone)
      assert.deepEqual(await stored(), [0, 0])
      assert.equal((await work(false)).name, 'Ada')
      assert.deepEqual(await stored(), [1, 2])
    })

    test('a function of the current row runs in a transaction on one connection, and its error comes out', async () => {
      const call = (update: () => { name: string }) =>
        updateOrCreate(fromDrizzle(db), byEmail, { where, update, create })
      assert.equal((await call(() => ({ name: 'x' }))).outcome, 'created')
      assert.equal((await call(() => ({ name: 'Ada Lovelace' }))).outcome, 'updated')
      const failing = call(() => {
        throw new Undone()
      })
      await assert.rejects(failing, Undone)
      const isolation = 'serializable; drop table account' as 'serializable'
      const unknown = transaction(fromDrizzle(db), async () => {}, { isolation })
      await assert.rejects(unknown, { name: 'TypeError', message: /isolation level/ })
      assert.deepEqual(await stored(), [1, 0])
    })
  })
}

for (const [name, db] of [
  ['node-postgres', onPg(pool)],
  ['postgres-js', onPostgresJs(client)],
] as const) {
  for (const isolation of ['read committed', 'repeatable read'] as const) {
    test(`a race lost to a rival in a ${isolation} transaction on ${name}`, async () => {
      await rival.query('truncate account, audit')
      let rivals = 0
      const work = db.transaction(
        async (tx) => {
          await tx.insert(audits).values({ what: 'before' })
          const { row, created } = await getOrCreate(fromDrizzle(tx), byEmail, {
            where,
            // Called between onerow's read and its insert: there the rival commits.
            create: async () => {
              const { rowCount } = await rival.query(
                `insert into account (email, name) values ($1, 'rival')`,
                [where.email],
              )
              rivals += rowCount ?? 0
              return create
            },
          })
          await tx.insert(audits).values({ what: 'after' })
          return [created, row.name]
        },
        { isolationLevel: isolation },
      )
      if (isolation === 'read committed') assert.deepEqual(await work, [false, 'rival'])
      else await assert.rejects(work, { kind: 'retry-transaction', retryable: true })
      assert.equal(rivals, 1)
      const written = await db.select().from(audits)
      assert.equal(written.length, isolation === 'read committed' ? 2 : 0)
    })
  }
}

test('on one connection of node-postgres, a transaction begun by hand is joined', async () => {
  const one = new Client(database.url)
  await one.connect()
  const db = onPg(one)
  await rival.query('truncate account, audit')
  await one.query('begin')
  await updateOrCreate(fromDrizzle(db), byEmail, { where, update: () => ({ name: 'x' }), create })
  await assert.rejects(
    transaction(fromDrizzle(db), async () => {}),
    { name: 'TypeError', message: /in a transaction already/ },
  )
  await one.query('rollback')
  assert.deepEqual(await db.select().from(accounts), [])
  await one.end()
})
