import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '@libsql/client'
import Sqlite from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { drizzle as onBetterSqlite3 } from 'drizzle-orm/better-sqlite3'
import { drizzle as onLibsql } from 'drizzle-orm/libsql'
import { blob, customType, integer, numeric, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { getOrCreate, uniqueKey } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { assertSameValues } from './drizzle-same-values.ts'

const upperCase = customType<{ data: string }>({
  dataType: () => 'text',
  toDriver: (value) => value.toUpperCase(),
  fromDriver: (stored) => String(stored).toLowerCase(),
})

const samples = sqliteTable('sample', {
  id: integer().primaryKey(),
  aNumber: integer(),
  aBoolean: integer({ mode: 'boolean' }),
  aTimestamp: integer({ mode: 'timestamp' }),
  aTimestampMs: integer({ mode: 'timestamp_ms' }),
  aReal: real(),
  aText: text(),
  anEnum: text({ enum: ['happy', "it's"] }),
  aTextJson: text({ mode: 'json' }),
  aNumeric: numeric(),
  aNumericNumber: numeric({ mode: 'number' }),
  aNumericBigint: numeric({ mode: 'bigint' }),
  aBlob: blob({ mode: 'buffer' }),
  aBlobBigint: blob({ mode: 'bigint' }),
  aBlobJson: blob({ mode: 'json' }),
  aCustom: upperCase(),
})

const ddl = `
create table sample (
  id integer primary key, aNumber integer, aBoolean integer, aTimestamp integer, aTimestampMs integer, aReal real, aText text,
  anEnum text, aTextJson text, aNumeric numeric, aNumericNumber numeric, aNumericBigint numeric, aBlob blob, aBlobBigint blob,
  aBlobJson blob, aCustom text
)`

const rows: readonly Omit<typeof samples.$inferInsert, 'id'>[] = [
  {},
  {
    aNumber: 9007199254740991,
    aBoolean: false,
    aTimestamp: new Date('2026-02-28T23:59:59Z'),
    aTimestampMs: new Date('2026-02-28T23:59:59.123Z'),
    aReal: -1e300,
    aText: `it's "quoted" \\ $1 ? 🦊 `,
    anEnum: "it's",
    aTextJson: { a: [1, null, 'x'], b: { c: true } },
    aNumeric: '0.5',
    aNumericNumber: 0.5,
    aNumericBigint: 9007199254740991n,
    aBlob: Buffer.from([0, 1, 255]),
    aBlobBigint: 123456789012345678901234567890n,
    aBlobJson: [{ a: 1 }],
    aCustom: 'ada',
  },
  { aBoolean: true, aText: '', aTextJson: 'a string', aBlob: Buffer.from([]), aNumericBigint: -1n },
]

const tooLarge = 9007199254740993n

test('values of every type of SQLite are those of Drizzle, by better-sqlite3', async () => {
  using database = disposable(new Sqlite(':memory:'))
  database.client.exec(ddl)
  const db = onBetterSqlite3(database.client)
  const find = async (id: number) => db.select().from(samples).where(eq(samples.id, id))
  // assertSameValues adds the id.
  const insert = (row: object) => db.insert(samples).values(row as typeof samples.$inferInsert)
  await assertSameValues(fromDrizzle(db), drizzleTable(samples), { insert, find }, rows)

  const byId = uniqueKey(drizzleTable(samples), ['id'], { name: 'sample_pkey' })
  const call = getOrCreate(fromDrizzle(db), byId, {
    where: { id: 100 },
    create: { aNumericBigint: tooLarge },
  })
  await assert.rejects(call, { name: 'RangeError', message: /"aNumericBigint" is too large/ })
})

test('values of every type of SQLite are those of Drizzle, by libsql', async () => {
  using database = disposable(createClient({ url: ':memory:' }))
  await database.client.execute(ddl)
  const db = onLibsql(database.client)
  const find = async (id: number) => db.select().from(samples).where(eq(samples.id, id))
  // assertSameValues adds the id.
  const insert = (row: object) => db.insert(samples).values(row as typeof samples.$inferInsert)
  await assertSameValues(fromDrizzle(db), drizzleTable(samples), { insert, find }, rows)
})

function disposable<Client extends { close(): unknown }>(client: Client) {
  return { client, [Symbol.dispose]: () => void client.close() }
}
