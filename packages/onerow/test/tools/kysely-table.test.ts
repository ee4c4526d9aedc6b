import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import type { ColumnType, Generated, JSONColumnType, KyselyPlugin } from 'kysely'
import { getOrCreate, keySql, notNull, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import type { Key } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'
import { Pool } from 'pg'

interface ThingTable {
  id: Generated<string>
  slug: string
  price: ColumnType<string, string | number>
  bornOn: Date
  seenAt: ColumnType<Date, string>
  data: JSONColumnType<{ fooBar: number; list: { aB: number }[] }>
  bytes: Buffer
  isPublic: Generated<boolean>
  mood: 'happy' | 'sad'
  tags: string[]
  note: string | null
}

interface Schema {
  thing: ThingTable
  'app.tag': { nameOfTag: string }
  tag: { nameOfTag: string }
}

const database = await testDatabase({ name: 'kysely_table' })
const dialect = new PostgresDialect({ pool: new Pool({ connectionString: database.url }) })
const db = new Kysely<Schema>({ dialect, plugins: [new CamelCasePlugin()] })
after(async () => {
  await db.destroy()
  await database.drop()
})
await sql`
create schema app;
create table app.tag (name_of_tag text primary key);
create type mood as enum ('happy', 'sad');
create table thing (
  id bigint generated always as identity primary key,
  slug text not null,
  price numeric(30, 2) not null,
  born_on date not null,
  seen_at timestamptz not null,
  data jsonb not null,
  bytes bytea not null,
  is_public boolean not null default true,
  mood mood not null,
  tags text[] not null,
  note text
)`.execute(db)

const things = kyselyTable(
  db.insertInto('thing'),
  ['id', 'slug', 'price', 'bornOn', 'seenAt', 'data', 'bytes', 'isPublic', 'mood', 'tags', 'note'],
  { primaryKey: ['id'] },
)
const bySlug = uniqueKey(things, ['slug', 'bornOn'], {
  name: 'thing_slug',
  condition: { mood: ['happy', 'sad'], note: null },
})
const createKey = (key: Key) => sql.raw(keySql(key, fromKysely(db).dialect)).execute(db)
await createKey(bySlug)

const bornOn = new Date(2026, 1, 28)
const create = {
  price: '12345678901234567890.12',
  seenAt: '2026-02-28T23:59:59.123Z',
  data: '{"foo_bar": 1, "list": [{"a_b": 2}]}',
  bytes: Buffer.from([0, 1, 255]),
  mood: 'happy' as const,
  tags: ['a', 'b "c"'],
}

test('a row is what the same Kysely selects: every type, and what plugins make of it', async () => {
  const where = { slug: 'types', bornOn }
  const made = await getOrCreate(fromKysely(db), bySlug, { where, create })
  const selected = await db
    .selectFrom('thing')
    .selectAll()
    .where('slug', '=', 'types')
    .executeTakeFirstOrThrow()
  assert.deepEqual([made.created, made.row], [true, selected])
  // Not only are they alike: CamelCasePlugin has mapped the keys within.
  assert.deepEqual(made.row.data, { fooBar: 1, list: [{ aB: 2 }] })
  assert.deepEqual([made.row.id, made.row.price, made.row.isPublic], ['1', create.price, true])

  const found = await getOrCreate(fromKysely(db), bySlug, { where, create })
  assert.deepEqual(found, { row: selected, created: false })
  const update = await updateOrCreate(fromKysely(db), bySlug, {
    where,
    update: ({ price }) => ({ tags: ['c'], price: `-${price}` }),
    create,
  })
  assert.deepEqual(
    [update.outcome, update.row],
    ['updated', { ...selected, tags: ['c'], price: `-${create.price}` }],
  )
})

test('the names in the database are those that the Kysely writes', async () => {
  assert.deepEqual(
    things.columns.map(({ name }) => name),
    ['id', 'slug', 'price', 'born_on', 'seen_at', 'data', 'bytes', 'is_public', 'mood', 'tags', 'note'],
  )
  const named = kyselyTable(db.insertInto('app.tag'), ['nameOfTag'])
  const within = kyselyTable(db.withSchema('app').insertInto('tag'), ['nameOfTag'])
  for (const tags of [named, within]) {
    assert.deepEqual([tags.schema, tags.name], ['app', 'tag'])
    const byName = uniqueKey(tags, ['nameOfTag'], { name: 'tag_pkey' })
    assert.deepEqual(await verifyKeys(fromKysely(db), [byName]), [])
    const { row } = await getOrCreate(fromKysely(db), byName, { where: { nameOfTag: 'new' } })
    assert.deepEqual(row, { nameOfTag: 'new' })
  }
})

test('a plugin that renames the properties of results is refused, and can be left out', async () => {
  const shouting: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => ({
      ...result,
      rows: result.rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value])),
      ),
    }),
  }
  const values = { where: { slug: 'renamed', bornOn }, create }
  await assert.rejects(getOrCreate(fromKysely(db.withPlugin(shouting)), bySlug, values), {
    name: 'TypeError',
    message: /renames the property "id" in results/,
  })
  const { row } = await getOrCreate(fromKysely(db.withPlugin(shouting).withoutPlugins()), bySlug, values)
  assert.equal(row.slug, 'renamed')
})

test('a key does not outlive the names that it goes by', async () => {
  assert.throws(
    // @ts-expect-error the property has another name now
    () => uniqueKey(things, ['handle'], { name: 'thing_slug' }),
    /"handle" is not a column of the table/,
  )
  const moods = uniqueKey(things, ['mood'], { name: 'thing_mood', condition: { note: notNull } })
  await createKey(moods)
  const { mood, ...others } = create
  const call = () =>
    getOrCreate(fromKysely(db), moods, {
      where: { mood },
      create: { ...others, slug: 'x', bornOn, note: 'n' },
    })
  assert.equal((await call()).created, true)
  await sql`alter table thing rename column note to remark`.execute(db)
  await assert.rejects(call(), { code: '42703' })
  await sql`alter table thing rename column remark to note`.execute(db)
  await sql`drop index thing_mood`.execute(db)
  await assert.rejects(call(), { kind: 'key-not-enforced' })
})
