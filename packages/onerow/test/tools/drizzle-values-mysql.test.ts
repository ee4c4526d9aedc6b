import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { eq } from 'drizzle-orm'
import {
  bigint,
  binary,
  boolean,
  char,
  customType,
  date,
  datetime,
  decimal,
  double,
  float,
  int,
  json,
  mysqlEnum,
  mysqlTable,
  text,
  time,
  timestamp,
  tinyint,
  varbinary,
  varchar,
  year,
} from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2/promise'
import { getOrCreate, keySql, uniqueKey, updateOrCreate } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { assertSameValues } from './drizzle-same-values.ts'

const bytes = customType<{ data: Buffer }>({ dataType: () => 'varbinary(20)' })

const samples = mysqlTable('sample', {
  id: int().primaryKey(),
  aBigint: bigint({ mode: 'bigint' }),
  aNumber: bigint({ mode: 'number', unsigned: true }),
  aTinyint: tinyint(),
  aBoolean: boolean(),
  aText: text(),
  aVarchar: varchar({ length: 20 }),
  aChar: char({ length: 5 }),
  anEnum: mysqlEnum(['happy', "it's"]),
  aDecimal: decimal({ precision: 30, scale: 5 }),
  aDecimalNumber: decimal({ precision: 30, scale: 5, mode: 'number' }),
  aDecimalBigint: decimal({ precision: 30, mode: 'bigint' }),
  aFloat: float(),
  aFloatOfScale: float({ precision: 10, scale: 2 }),
  aDouble: double(),
  aDate: date({ mode: 'date' }),
  aDateString: date({ mode: 'string' }),
  aDatetime: datetime({ fsp: 3 }),
  aDatetimeString: datetime({ mode: 'string', fsp: 6 }),
  aWholeDatetime: datetime({ mode: 'string' }),
  aTimestamp: timestamp({ fsp: 3 }),
  aTimestampString: timestamp({ mode: 'string', fsp: 2 }),
  aTime: time({ fsp: 3 }),
  aYear: year(),
  aJson: json(),
  aBinary: binary({ length: 3 }),
  aVarbinary: varbinary({ length: 20 }),
  someBytes: bytes(),
})

const ddl = `
create table sample (
  id int primary key, aBigint bigint, aNumber bigint unsigned, aTinyint tinyint, aBoolean boolean, aText text, aVarchar varchar(20),
  aChar char(5), anEnum enum('happy', 'it''s'), aDecimal decimal(30, 5), aDecimalNumber decimal(30, 5),
  aDecimalBigint decimal(30), aFloat float, aFloatOfScale float(10,2), aDouble double, aDate date, aDateString date, aDatetime datetime(3),
  aDatetimeString datetime(6), aWholeDatetime datetime, aTimestamp timestamp(3) null, aTimestampString timestamp(2) null,
  aTime time(3), aYear year, aJson json, aBinary binary(3), aVarbinary varbinary(20), someBytes varbinary(20)
)`

const rows: readonly Omit<typeof samples.$inferInsert, 'id'>[] = [
  {},
  {
    aBigint: 9007199254740993n,
    aNumber: 9007199254740991,
    aTinyint: -1,
    aBoolean: false,
    aText: `it's "quoted" \\ $1 ? 🦊 `,
    aVarchar: '',
    aChar: 'ab',
    anEnum: "it's",
    aDecimal: '1234567890123456789012345.10000',
    aDecimalNumber: 0.5,
    aDecimalBigint: 123456789012345678901234567890n,
    aFloat: 0.1,
    aFloatOfScale: 12345.67,
    aDouble: -1e300,
    // Drizzle sends the time too, and the server drops it: with one, it would be another value each time.
    aDate: new Date(2026, 1, 28),
    aDateString: '1900-01-01',
    aDatetime: new Date('2026-02-28T23:59:59.120Z'),
    aDatetimeString: '2026-02-28 23:59:59.123456',
    aWholeDatetime: '2026-02-28 00:00:00',
    aTimestamp: new Date('2026-02-28T23:59:59.123Z'),
    aTimestampString: '2026-02-28 23:59:59.10',
    aTime: '-23:59:59.120',
    aYear: 2026,
    aJson: { a: [1, null, 'x'], b: { c: true } },
    aBinary: 'abc',
    aVarbinary: 'it',
    someBytes: Buffer.from([0, 1, 255]),
  },
  // Fractions of a second that are nought, which the binary protocol leaves out.
  {
    aBoolean: true,
    aFloat: 12345.678,
    aFloatOfScale: 0.5,
    aDatetime: new Date('2026-02-28T00:00:00Z'),
    aDatetimeString: '2026-02-28 00:00:00.000000',
    aTimestampString: '2026-02-28 23:59:59.00',
    aTime: '00:00:00.000',
    aJson: 'a string',
    someBytes: Buffer.from([]),
  },
  { aBigint: 0n, aFloat: -16777216, aDouble: 0.1, aJson: [] },
]

const accounts = mysqlTable('account', {
  id: int().autoincrement().primaryKey(),
  email: varchar({ length: 100 }).notNull(),
  note: text().notNull(),
})

const hostile = [
  `' or 1=1 -- `,
  `\\' or 1=1 -- `,
  `a\\`,
  `'`,
  `"`,
  '? :name $1 %s `a`',
  'nul \0 line \n escape \x1a',
  "誠 🦊 ¿'",
]

const database = await testMariadb({ name: 'drizzle_values' })

describe('drizzle-orm/mysql2 on MariaDB', { skip: database ? false : installCommand.mariadb }, () => {
  if (!database) return
  const pool = createPool({ uri: database.url, supportBigNumbers: true })
  const db = drizzle(pool)
  before(async () => {
    await pool.query(ddl)
    await pool.query(
      'create table account (id int auto_increment primary key, email varchar(100) character set utf8mb4 collate utf8mb4_bin not null, note text character set utf8mb4 not null)',
    )
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })

  for (const server of ['mariadb', 'mysql'] as const) {
    test(`values of every type are those of Drizzle, told of ${server}`, async () => {
      await pool.query('delete from sample')
      const find = async (id: number) => db.select().from(samples).where(eq(samples.id, id))
      // assertSameValues adds the id.
      const insert = async (row: object) => db.insert(samples).values(row as typeof samples.$inferInsert)
      await assertSameValues(fromDrizzle(db, { server }), drizzleTable(samples), { insert, find }, rows)
    })
  }

  test('values are bound, also where the server takes a backslash for a letter', async () => {
    const byEmail = uniqueKey(drizzleTable(accounts), ['email'], { name: 'account_email' })
    await pool.query(keySql(byEmail, fromDrizzle(db, { server: 'mariadb' }).dialect))
    for (const mode of ['STRICT_TRANS_TABLES', 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES']) {
      const connection = await pool.getConnection()
      await connection.query(`set session sql_mode = '${mode}'`)
      const onerow = fromDrizzle(drizzle(connection), { server: 'mariadb' })
      for (const value of hostile) {
        const where = { email: `${mode.length} ${value}` }
        const made = await getOrCreate(onerow, byEmail, { where, create: { note: value } })
        assert.deepEqual([made.created, made.row.email, made.row.note], [true, where.email, value])
        const updated = await updateOrCreate(onerow, byEmail, { where, update: { note: `${value}!` } })
        assert.deepEqual([updated.outcome, updated.row.note], ['updated', `${value}!`])
      }
      connection.destroy()
    }
    assert.equal((await db.select().from(accounts)).length, 2 * hostile.length)
  })
})
