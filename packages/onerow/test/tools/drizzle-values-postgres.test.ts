import { after, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { testDatabase } from '@onerow/servers'
import { eq } from 'drizzle-orm'
import { drizzle as onPg } from 'drizzle-orm/node-postgres'
import {
  bigint,
  boolean,
  char,
  customType,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
  jsonb,
  line,
  numeric,
  pgEnum,
  pgTable,
  point,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { drizzle as onPglite } from 'drizzle-orm/pglite'
import { drizzle as onPostgresJs } from 'drizzle-orm/postgres-js'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { Pool } from 'pg'
import postgres from 'postgres'
import { assertSameValues } from './drizzle-same-values.ts'

const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value),
  fromDriver: (stored) => Uint8Array.from(stored),
})
const mood = pgEnum('mood', ['happy', "it's"])

const samples = pgTable('sample', {
  id: integer().primaryKey(),
  aBigint: bigint({ mode: 'bigint' }),
  aNumber: bigint({ mode: 'number' }),
  aSmallint: smallint(),
  aBoolean: boolean(),
  aText: text(),
  aVarchar: varchar({ length: 20 }),
  aChar: char({ length: 5 }),
  aMood: mood(),
  aNumeric: numeric({ precision: 30, scale: 5 }),
  aNumericNumber: numeric({ precision: 30, scale: 5, mode: 'number' }),
  aNumericBigint: numeric({ precision: 30, mode: 'bigint' }),
  aReal: real(),
  aDouble: doublePrecision(),
  aUuid: uuid(),
  anInet: inet(),
  anInterval: interval(),
  aTime: time({ precision: 3 }),
  aDate: date({ mode: 'date' }),
  aDateString: date({ mode: 'string' }),
  aTimestamp: timestamp({ precision: 3 }),
  aTimestampString: timestamp({ mode: 'string', precision: 6 }),
  aTimestamptz: timestamp({ withTimezone: true, precision: 3 }),
  aTimestamptzString: timestamp({ withTimezone: true, mode: 'string' }),
  aJson: json(),
  aJsonb: jsonb(),
  aPoint: point({ mode: 'tuple' }),
  aPointObject: point({ mode: 'xy' }),
  aLine: line({ mode: 'abc' }),
  someTexts: text().array(),
  someNumbers: integer().array().array(),
  someBigints: bigint({ mode: 'bigint' }).array(),
  someTimes: timestamp({ precision: 3 }).array(),
  someBytes: bytes(),
})

const ddl = `
create type mood as enum ('happy', 'it''s');
create table sample (
  "id" integer primary key, "aBigint" bigint, "aNumber" bigint, "aSmallint" smallint, "aBoolean" boolean, "aText" text,
  "aVarchar" varchar(20), "aChar" char(5), "aMood" mood, "aNumeric" numeric(30, 5), "aNumericNumber" numeric(30, 5),
  "aNumericBigint" numeric(30), "aReal" real, "aDouble" double precision, "aUuid" uuid, "anInet" inet, "anInterval" interval,
  "aTime" time(3), "aDate" date, "aDateString" date, "aTimestamp" timestamp(3), "aTimestampString" timestamp(6),
  "aTimestamptz" timestamptz(3), "aTimestamptzString" timestamptz, "aJson" json, "aJsonb" jsonb, "aPoint" point,
  "aPointObject" point, "aLine" line, "someTexts" text[], "someNumbers" integer[][], "someBigints" bigint[],
  "someTimes" timestamp(3)[], "someBytes" bytea
)`

const happened = new Date('2026-02-28T23:59:59.123Z')

const rows: readonly Omit<typeof samples.$inferInsert, 'id'>[] = [
  {},
  {
    aBigint: 9007199254740993n,
    aNumber: 9007199254740991,
    aSmallint: -1,
    aBoolean: false,
    aText: `it's "quoted" \\ $1 ? 🦊 `,
    aVarchar: '',
    // As it is stored: given otherwise, it would be another value each time.
    aChar: 'ab   ',
    aMood: "it's",
    aNumeric: '1234567890123456789012345.10000',
    aNumericNumber: 0.5,
    aNumericBigint: 123456789012345678901234567890n,
    aReal: 0.1,
    aDouble: -1e300,
    aUuid: '0b7c8e1e-3f5c-4c0e-9d3a-0f6a2f1f7d11',
    anInet: '127.0.0.1',
    anInterval: '1 day 02:03:04',
    aTime: '23:59:59.12',
    aDate: new Date('2026-02-28'),
    aDateString: '1900-01-01',
    aTimestamp: happened,
    aTimestampString: '2026-02-28 23:59:59.123456',
    aTimestamptz: happened,
    aTimestamptzString: '2026-02-28 23:59:59+02',
    aJsonb: { a: [1, null, 'x'], b: { c: true } },
    aPoint: [1.5, -2],
    aPointObject: { x: 0, y: 3 },
    aLine: { a: 1, b: -1, c: 0 },
    someTexts: ['a', 'b "c", {d}', '\\', ''],
    someNumbers: [
      [1, 2],
      [3, 4],
    ],
    someBigints: [9007199254740993n],
    someTimes: [happened],
    someBytes: new Uint8Array([0, 1, 255]),
  },
  { aBoolean: true, aJsonb: 'a string', someTexts: [], someBytes: new Uint8Array([]) },
  { aBigint: 0n, aJsonb: [], aJson: null, someTimes: [] },
]

const database = await testDatabase({ name: 'drizzle_values' })
const pool = new Pool({ connectionString: database.url })
const client = postgres(database.url, { onnotice: () => {} })
const pglite = await PGlite.create()
await pool.query(ddl)
await pglite.exec(ddl)
after(async () => {
  await Promise.all([pool.end(), client.end(), pglite.close()])
  await database.drop()
})

for (const [name, db] of [
  ['node-postgres', onPg(pool)],
  ['postgres-js', onPostgresJs(client)],
  ['PGlite', onPglite(pglite)],
] as const) {
  test(`values of every type of PostgreSQL are those of Drizzle, by ${name}`, async () => {
    await pool.query('truncate sample')
    const find = async (id: number) => db.select().from(samples).where(eq(samples.id, id))
    // assertSameValues adds the id.
    const insert = (row: object) => db.insert(samples).values(row as typeof samples.$inferInsert)
    await assertSameValues(fromDrizzle(db), drizzleTable(samples), { insert, find }, rows)
  })
}
