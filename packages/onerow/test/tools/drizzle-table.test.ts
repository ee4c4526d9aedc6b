import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { eq, sql } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { int, mysqlTable, primaryKey as mysqlPrimaryKey } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/node-postgres'
import {
  alias,
  bigint,
  foreignKey,
  integer,
  pgSchema,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import {
  integer as sqliteInteger,
  primaryKey as sqlitePrimaryKey,
  sqliteTable,
} from 'drizzle-orm/sqlite-core'
import { createUnique, getOrCreate, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { Pool } from 'pg'

let revisions = 0

const documents = pgTable(
  'document',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: bigint('user_id', { mode: 'bigint' }).notNull(),
    documentType: text('document_type', { enum: ['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP'] }).notNull(),
    file: text().notNull(),
    deletedAt: timestamp('deleted_at'),
    token: uuid()
      .notNull()
      .$defaultFn(() => crypto.randomUUID()),
    revision: integer()
      .notNull()
      .$onUpdateFn(() => ++revisions),
    kilobytes: integer().notNull().default(0),
    megabytes: integer().generatedAlwaysAs(sql`kilobytes / 1024`),
  },
  (document) => [
    uniqueIndex('unique_user_unique_document_type')
      .on(document.userId, document.documentType)
      .where(sql`document_type in ('AADHAAR_CARD', 'PAN_CARD') and deleted_at is null`),
  ],
)

const ddl = `
create table document (
  id bigint generated always as identity primary key, user_id bigint not null, document_type text not null, file text not null,
  deleted_at timestamp, token uuid not null, revision integer not null, kilobytes integer not null default 0,
  megabytes integer generated always as (kilobytes / 1024) stored
);
create unique index unique_user_unique_document_type on document (user_id, document_type)
where document_type in ('AADHAAR_CARD', 'PAN_CARD') and deleted_at is null;`

const identityCard = uniqueKey(drizzleTable(documents), ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
})

describe("a key on a table of Drizzle's", async () => {
  const database = await testDatabase({ name: 'drizzle_table' })
  const pool = new Pool({ connectionString: database.url })
  const logged: string[] = []
  const db = drizzle(pool, { logger: { logQuery: (text) => void logged.push(text) } })
  before(() => pool.query(ddl))
  after(async () => {
    await pool.end()
    await database.drop()
  })

  test('the index that drizzle-kit makes of the schema enforces the key', async () => {
    assert.deepEqual(await verifyKeys(fromDrizzle(db), [identityCard]), [])
  })

  test('rows are as Drizzle selects them; $defaultFn gives what create does not, and the database its own', async () => {
    const where = { userId: 9007199254740993n, documentType: 'PAN_CARD' } as const
    const made = await getOrCreate(fromDrizzle(db), identityCard, { where, create: { file: 'pan.pdf' } })
    assert.deepEqual([made.created, made.row.kilobytes, made.row.megabytes], [true, 0, 0])
    assert.match(made.row.token, /^[0-9a-f-]{36}$/)
    const found = await getOrCreate(fromDrizzle(db), identityCard, { where, create: { file: 'other.pdf' } })
    assert.equal(found.created, false)
    const [selected] = await db.select().from(documents).where(eq(documents.id, made.row.id))
    assert.deepEqual([made.row, found.row], [selected, selected])
    const token = '0b7c8e1e-3f5c-4c0e-9d3a-0f6a2f1f7d11'
    const given = await getOrCreate(fromDrizzle(db), identityCard, {
      where: { ...where, documentType: 'AADHAAR_CARD' },
      create: { file: 'aadhaar.pdf', token },
    })
    assert.equal(given.row.token, token)
  })

  test('$onUpdateFn is set with a change, and is none itself', async () => {
    const where = { userId: 2n, documentType: 'PAN_CARD' } as const
    const call = (file: string) => updateOrCreate(fromDrizzle(db), identityCard, { where, update: { file } })
    const [created, updated, unchanged] = [await call('a.pdf'), await call('b.pdf'), await call('b.pdf')]
    assert.deepEqual(
      [created, updated, unchanged].map(({ outcome }) => outcome),
      ['created', 'updated', 'unchanged'],
    )
    assert.ok(updated.row.revision > created.row.revision)
    assert.equal(unchanged.row.revision, updated.row.revision)
  })

  test('a row outside the condition frees the key, and one inside is in the way', async () => {
    const where = { userId: 3n, documentType: 'PAN_CARD' } as const
    const removed = await createUnique(fromDrizzle(db), identityCard, { where, create: { file: 'a.pdf' } })
    await db.update(documents).set({ deletedAt: new Date() }).where(eq(documents.id, removed.id))
    const anew = await createUnique(fromDrizzle(db), identityCard, { where, create: { file: 'b.pdf' } })
    assert.notEqual(anew.id, removed.id)
    await assert.rejects(createUnique(fromDrizzle(db), identityCard, { where, create: { file: 'c.pdf' } }), {
      kind: 'already-exists',
      row: anew,
    })
    const outside = { ...where, documentType: 'SALARY_SLIP' } as const
    // @ts-expect-error outside the condition
    const refused = getOrCreate(fromDrizzle(db), identityCard, { where: outside, create: { file: 'd' } })
    await assert.rejects(refused, { kind: 'outside-key' })
  })

  test('a renamed property that the key does not follow is refused at once', () => {
    const owned = pgTable('document', { id: integer().primaryKey(), ownerId: integer('user_id').notNull() })
    // @ts-expect-error the property is called ownerId now
    const declare = () => uniqueKey(drizzleTable(owned), ['userId'], { name: 'document_user' })
    assert.throws(declare, { name: 'TypeError', message: /"userId" is not a column of the table/ })
  })

  test("Drizzle's logger sees what onerow sends", async () => {
    const before = logged.length
    await getOrCreate(fromDrizzle(db), identityCard, {
      where: { userId: 2n, documentType: 'PAN_CARD' },
      create: { file: 'x' },
    })
    assert.deepEqual([logged.length - before, logged.at(-1)?.startsWith('with onerow_found')], [1, true])
  })
})

describe('what drizzleTable reads of a table', () => {
  test('its schema, its name behind an alias, and columns named by themselves or by their properties', () => {
    const notes = pgSchema('archive').table('note', { id: integer().primaryKey(), bodyText: text('body') })
    for (const source of [notes, alias(notes, 'n')]) {
      const { schema, name, columns, primaryKey: key } = drizzleTable(source)
      assert.deepEqual([schema, name, key], ['archive', 'note', ['id']])
      assert.deepEqual(
        columns.map((column) => [column.property, column.name]),
        [
          ['id', 'id'],
          ['bodyText', 'body'],
        ],
      )
    }
  })

  test('the casing that drizzle() was given names the columns as Drizzle does', () => {
    for (const casing of ['snake_case', 'camelCase'] as const) {
      const names = {
        userID: 1,
        URLOfPage2: 2,
        html5: 3,
        already_snake: 4,
        aB: 5,
        'it’s': 6,
        Ünder: 7,
        x1Y2z: 8,
      }
      const columns = Object.fromEntries(Object.keys(names).map((name) => [name, integer()]))
      const source = pgTable('t', { ...columns, named: integer('OWN_name') })
      const cache = new CasingCache(casing)
      assert.deepEqual(
        drizzleTable(source, { casing }).columns.map(({ name }) => name),
        Object.values(source)
          .filter((column) => typeof column === 'object' && column !== null && 'columnType' in column)
          .map((column) => cache.getColumnCasing(column as never)),
      )
    }
  })

  test('a primary key of several columns, of each dialect, also where other tables are declared later', () => {
    const memberships = pgTable('m', { a: integer(), b: integer(), c: integer() }, (m) => [
      primaryKey({ columns: [m.a, m.b] }),
      foreignKey({ columns: [m.c], foreignColumns: [later.id] }),
    ])
    const onPostgres = drizzleTable(memberships)
    const later = pgTable('later', { id: integer() })
    const onMysql = mysqlTable('m', { a: int(), b: int() }, (m) => [mysqlPrimaryKey({ columns: [m.a, m.b] })])
    const onSqlite = sqliteTable('m', { a: sqliteInteger(), b: sqliteInteger() }, (m) => ({
      pk: sqlitePrimaryKey({ columns: [m.a, m.b] }),
    }))
    for (const table of [onPostgres, drizzleTable(onMysql), drizzleTable(onSqlite)])
      assert.deepEqual(table.primaryKey, ['a', 'b'])
  })

  test('what is no table, and no value, is refused', async () => {
    for (const source of [{}, documents.id, { $inferSelect: {}, $inferInsert: {} }])
      assert.throws(() => drizzleTable(source as never), {
        name: 'TypeError',
        message: /needs a table of Drizzle/,
      })
    const stamped = pgTable('stamped', {
      id: integer().primaryKey(),
      at: timestamp()
        .notNull()
        .$defaultFn(() => sql`now()`),
    })
    const byId = uniqueKey(drizzleTable(stamped), ['id'], { name: 'stamped_pkey' })
    const call = getOrCreate(fromDrizzle(drizzle.mock()), byId, { where: { id: 1 } })
    await assert.rejects(call, { name: 'TypeError', message: /"at" is SQL, which cannot be bound/ })
  })

  test('what is no Drizzle, and a driver that onerow does not know, are refused', () => {
    for (const db of [{}, { dialect: {}, session: {} }])
      assert.throws(() => fromDrizzle(db as never), {
        name: 'TypeError',
        message: /runs on Drizzle for PostgreSQL/,
      })
  })
})
