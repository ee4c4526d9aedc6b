import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createClient } from '@libsql/client'
import { installCommand, testMariadb } from '@onerow/servers'
import Sqlite from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { drizzle as onBetterSqlite3 } from 'drizzle-orm/better-sqlite3'
import { drizzle as onLibsql } from 'drizzle-orm/libsql'
import {
  int,
  mysqlTable,
  text as mysqlText,
  uniqueIndex as mysqlUniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core'
import { drizzle as onMysql2 } from 'drizzle-orm/mysql2'
import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { createPool } from 'mysql2/promise'
import { getOrCreate, transaction, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'

const accounts = sqliteTable(
  'account',
  { id: integer().primaryKey(), email: text().notNull(), name: text().notNull() },
  (account) => [uniqueIndex('account_email').on(account.email)],
)
const byEmail = uniqueKey(drizzleTable(accounts), ['email'], { name: 'account_email' })
const where = { email: 'ada@example.com' }
const create = { name: 'Ada' }

class Undone extends Error {}

const directory = mkdtempSync(join(tmpdir(), 'onerow-drizzle-'))
after(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'drizzle.db')
const sqlite = new Sqlite(file)
sqlite.pragma('journal_mode = wal')
sqlite.exec(`
create table account (id integer primary key, email text not null, name text not null);
create unique index account_email on account (email);`)
after(() => sqlite.close())

test("better-sqlite3: a call in Drizzle's synchronous transaction is refused; one of onerow's serves", async () => {
  const db = onBetterSqlite3(sqlite)
  const refused = () => db.transaction((tx) => fromDrizzle(tx))
  assert.throws(refused, { name: 'TypeError', message: /better-sqlite3's transactions cannot await/ })

  const work = (fails: boolean) =>
    transaction(fromDrizzle(db), async (tx) => {
      const { row } = await getOrCreate(tx, byEmail, { where, create })
      tx.client.update(accounts).set({ name: 'Ada Lovelace' }).run()
      // A savepoint, inside of the transaction that is open.
      const inner = () =>
        tx.client.transaction((savepoint) => {
          savepoint.update(accounts).set({ name: 'lost' }).run()
          throw new Undone()
        })
      assert.throws(inner, Undone)
      if (fails) throw new Undone()
      return row
    })
  await assert.rejects(work(true), Undone)
  assert.deepEqual(db.select().from(accounts).all(), [])
  const { id } = await work(false)
  assert.deepEqual(db.select().from(accounts).all(), [{ id, email: where.email, name: 'Ada Lovelace' }])
  assert.deepEqual(await verifyKeys(fromDrizzle(db), [byEmail]), [])
})

test('better-sqlite3: a transaction begun by hand is joined', async () => {
  const db = onBetterSqlite3(sqlite)
  sqlite.exec('begin')
  const { created } = await getOrCreate(fromDrizzle(db), byEmail, {
    where: { email: 'bob@example.com' },
    create,
  })
  sqlite.exec('rollback')
  assert.equal(created, true)
  const bobs = db.select().from(accounts).where(eq(accounts.email, 'bob@example.com'))
  assert.deepEqual(bobs.all(), [])
})

test("libsql: in Drizzle's transaction and in onerow's", async () => {
  const client = createClient({ url: `file:${file}`, timeout: 5000 })
  const db = onLibsql(client)
  await db.delete(accounts)
  const inDrizzle = db.transaction(async (tx) => {
    const { created } = await getOrCreate(fromDrizzle(tx), byEmail, { where, create })
    assert.equal(created, true)
    throw new Undone()
  })
  await assert.rejects(inDrizzle, Undone)
  assert.deepEqual(await db.select().from(accounts), [])

  const inOnerow = (fails: boolean) =>
    transaction(fromDrizzle(db), async (tx) => {
      await getOrCreate(tx, byEmail, { where, create })
      await tx.client.update(accounts).set({ name: 'Ada Lovelace' })
      if (fails) throw new Undone()
      const { row } = await getOrCreate(fromDrizzle(tx.client), byEmail, { where, create })
      return row.name
    })
  await assert.rejects(inOnerow(true), Undone)
  assert.deepEqual(await db.select().from(accounts), [])
  assert.equal(await inOnerow(false), 'Ada Lovelace')
  const updated = await updateOrCreate(fromDrizzle(db), byEmail, {
    where,
    update: ({ name }) => ({ name: `${name}!` }),
    create,
  })
  assert.deepEqual([updated.outcome, updated.row.name], ['updated', 'Ada Lovelace!'])
  client.close()
})

const onMysql = mysqlTable(
  'account',
  {
    id: int().autoincrement().primaryKey(),
    email: varchar({ length: 100 }).notNull(),
    name: mysqlText().notNull(),
  },
  (account) => [mysqlUniqueIndex('account_email').on(account.email)],
)
const audits = mysqlTable('audit', { what: mysqlText().notNull() })
const byEmailOnMysql = uniqueKey(drizzleTable(onMysql), ['email'], { name: 'account_email' })
const database = await testMariadb({ name: 'drizzle_engines' })

for (const server of ['mariadb', 'mysql'] as const) {
  test(
    `mysql2, told of ${server}: a race lost to a rival in a transaction`,
    { skip: database ? false : installCommand.mariadb },
    async () => {
      if (!database) return
      const open = () => createPool({ uri: database.url, connectionLimit: 1 })
      const [pool, rival] = [open(), open()]
      await rival.query(
        'create or replace table account (id int auto_increment primary key, email varchar(100) not null unique, name text not null)',
      )
      await rival.query('create or replace table audit (what text not null)')
      const db = onMysql2(pool)
      let rivals = 0
      const work = db.transaction(async (tx) => {
        await tx.insert(audits).values({ what: 'before' })
        const { row, created } = await getOrCreate(fromDrizzle(tx, { server }), byEmailOnMysql, {
          where,
          // Called between onerow's read and its insert: there the rival commits.
          create: async () => {
            await rival.query(`insert into account (email, name) values ('${where.email}', 'rival')`)
            rivals += 1
            return create
          },
        })
        await tx.insert(audits).values({ what: 'after' })
        return [created, row.name]
      })
      assert.deepEqual([await work, rivals], [[false, 'rival'], 1])
      const undone = transaction(fromDrizzle(db, { server }), async (tx) => {
        await tx.client.delete(audits)
        await getOrCreate(tx, byEmailOnMysql, { where: { email: 'bob@example.com' }, create })
        throw new Undone()
      })
      await assert.rejects(undone, Undone)
      assert.deepEqual(
        [(await db.select().from(audits)).length, (await db.select().from(onMysql)).length],
        [2, 1],
      )
      await Promise.all([pool.end(), rival.end()])
    },
  )
}
after(() => database?.drop())
