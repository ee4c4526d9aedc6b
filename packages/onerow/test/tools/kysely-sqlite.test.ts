import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import SqliteDatabase from 'better-sqlite3'
import {
  DummyDriver,
  Kysely,
  MssqlAdapter,
  MssqlIntrospector,
  MssqlQueryCompiler,
  ParseJSONResultsPlugin,
  SqliteDialect,
  sql,
} from 'kysely'
import type { Generated, JSONColumnType } from 'kysely'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'

interface Schema {
  account: { id: Generated<number>; email: string; data: JSONColumnType<{ visits: number }> }
}

const directory = await mkdtemp(join(tmpdir(), 'onerow-kysely-'))
const open = (timeout: number) => {
  const database = new SqliteDatabase(join(directory, 'app.db'), { timeout })
  return new Kysely<Schema>({
    dialect: new SqliteDialect({ database }),
    plugins: [new ParseJSONResultsPlugin()],
  })
}
const db = open(5000)
// Its statements are made in this thread too: where it would wait for `db`, it would wait for ever.
const rival = open(0)
after(async () => {
  await db.destroy()
  await rival.destroy()
  await rm(directory, { recursive: true })
})

const accounts = kyselyTable(db.insertInto('account'), ['id', 'email', 'data'])
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
await sql`pragma journal_mode = wal`.execute(db)
await sql`create table account (id integer primary key, email text not null, data text not null)`.execute(db)
await sql.raw(keySql(byEmail, fromKysely(db).dialect)).execute(db)

const values = (email: string) => ({ where: { email }, create: { data: '{"visits": 0}' } })

test('a row is what the same Kysely selects, JSON parsed, and an update of it is given as it is stored', async () => {
  const visited = (email: string) =>
    updateOrCreate(fromKysely(db), byEmail, {
      where: { email },
      update: ({ data }) => ({ data: JSON.stringify({ visits: data.visits + 1 }) }),
      create: { data: '{"visits": 1}' },
    })
  assert.deepEqual((await visited(`ada's "?1"`)).row.data, { visits: 1 })
  const { row } = await visited(`ada's "?1"`)
  const selected = await db
    .selectFrom('account')
    .selectAll()
    .where('id', '=', row.id)
    .executeTakeFirstOrThrow()
  assert.deepEqual(row, selected)
  assert.deepEqual(row.data, { visits: 2 })
})

test("a transaction of onerow's holds the lock from its start; what reads before it writes would lose it else", async () => {
  await transaction(fromKysely(db), async (tx) => {
    assert.equal(tx.client.isTransaction, true)
    await assert.rejects(rival.insertInto('account').values({ email: 'x', data: '{}' }).execute(), {
      code: 'SQLITE_BUSY',
    })
    assert.equal((await getOrCreate(fromKysely(tx.client), byEmail, values('own'))).created, true)
  })
  assert.equal((await getOrCreate(fromKysely(rival), byEmail, values('own'))).created, false)
})

test('where the lock cannot be had, the error says so, and the connection is good for the next', async () => {
  const held = await db.startTransaction().execute()
  await getOrCreate(fromKysely(held), byEmail, values('held'))
  const attempt = () => transaction(fromKysely(rival), () => assert.fail(), { attempts: 1 })
  await assert.rejects(
    attempt(),
    (error) => error instanceof Error && Reflect.get(error.cause ?? {}, 'code') === 'SQLITE_BUSY',
  )
  await held.rollback().execute()
  assert.equal((await getOrCreate(fromKysely(rival), byEmail, values('held'))).created, true)
})

test('calls at once on the one connection of a Kysely', async () => {
  const calls = Array.from({ length: 16 }, (_, index) =>
    index % 2 === 0
      ? getOrCreate(fromKysely(db), byEmail, values('at once'))
      : transaction(fromKysely(db), (tx) => getOrCreate(tx, byEmail, values('at once'))),
  )
  const created = (await Promise.all(calls)).filter((call) => call.created)
  assert.equal(created.length, 1)
})

test('another engine is refused', () => {
  const mssql = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new MssqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new MssqlIntrospector(kysely),
      createQueryCompiler: () => new MssqlQueryCompiler(),
    },
  })
  assert.throws(() => fromKysely(mssql), /PostgreSQL, SQLite, MariaDB and MySQL; this one writes "a" @1/)
})
