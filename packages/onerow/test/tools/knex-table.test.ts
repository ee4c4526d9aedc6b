import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import createKnex from 'knex'
import { getOrCreate, keySql, notNull, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import type { Key } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'

interface Thing {
  readonly id: string
  readonly slug: string
  readonly price: string
  readonly bornOn: Date
  readonly seenAt: Date
  readonly data: { readonly foo_bar: number }
  readonly bytes: Buffer
  readonly isPublic: boolean
  readonly mood: 'happy' | 'sad' | 'is it?'
  readonly tags: readonly string[]
  readonly note: string | null
}
type NewThing = Omit<Thing, 'id' | 'isPublic'> & Partial<Pick<Thing, 'isPublic'>>

const database = await testDatabase({ name: 'knex_table' })
const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
function processed(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  const entries = Object.entries(row).map(([name, value]: [string, unknown]) => [
    // What onerow tells itself must not come by here.
    name === 'onerow' ? 'renamed' : camelCase(name),
    name === 'note' && typeof value === 'string' ? value.trim() : value,
  ])
  return Object.fromEntries(entries)
}

const knex = createKnex({
  client: 'pg',
  connection: database.url,
  wrapIdentifier: (name, quote) => quote(snakeCase(name)),
  // As applications have it: other names, and a value that is mapped.
  postProcessResponse: (response) => (Array.isArray(response) ? response.map(processed) : response),
})
after(async () => {
  await knex.destroy()
  await database.drop()
})
await knex.raw(`
create schema app;
create table app.race_tag (tag_name text primary key);
create type mood as enum ('happy', 'sad', 'is it\\?');
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
)`)

const things = knexTable<Thing, NewThing>(knex, 'thing', {
  columns: {
    id: true,
    slug: true,
    price: true,
    bornOn: true,
    seenAt: true,
    data: true,
    bytes: true,
    isPublic: true,
    mood: true,
    tags: true,
    note: true,
  },
  primaryKey: ['id'],
})
const bySlug = uniqueKey(things, ['slug', 'bornOn'], {
  name: 'thing_slug',
  condition: { mood: ['happy', 'is it?'], note: notNull },
})
const createKey = (key: Key) =>
  fromKnex(knex).execute({ text: keySql(key, fromKnex(knex).dialect), values: [] })
await createKey(bySlug)

const bornOn = new Date(2026, 1, 28)
const create = {
  price: '12345678901234567890.12',
  seenAt: new Date('2026-02-28T23:59:59.123Z'),
  data: { foo_bar: 1 },
  bytes: Buffer.from([0, 1, 255]),
  mood: 'is it?' as const,
  tags: ['a', 'b "c"'],
  note: ' noted ',
}
const selected = async (slug: string) => (await knex<Thing>('thing').where({ slug }))[0]

test('a row is what the same Knex selects: every type, the names, and what postProcessResponse makes of it', async () => {
  const where = { slug: 'types', bornOn }
  const made = await getOrCreate(fromKnex(knex), bySlug, { where, create })
  assert.deepEqual(made, { created: true, row: await selected('types') })
  assert.equal(made.row.note, 'noted')
  assert.deepEqual(made.row.bornOn, bornOn)
  const found = await getOrCreate(fromKnex(knex), bySlug, { where, create: () => create })
  assert.deepEqual(found, { created: false, row: made.row })
  const updated = await updateOrCreate(fromKnex(knex), bySlug, {
    where,
    update: (current) => ({ isPublic: !current.isPublic, tags: [...current.tags, String(current.note)] }),
    create,
  })
  assert.deepEqual([updated.outcome, updated.row], ['updated', await selected('types')])
  assert.deepEqual([updated.row.isPublic, updated.row.tags.at(-1)], [false, 'noted'])
})

test('a key whose condition holds a question mark: verified, and kept from what it does not cover', async () => {
  assert.deepEqual(await verifyKeys(fromKnex(knex), [bySlug]), [])
  const where = { slug: 'asked', bornOn }
  // Outside the condition: no such row is in the way, nor found.
  await knex('thing').insert({ ...where, ...create, mood: 'sad', tags: knex.raw("array['?']") as never })
  const { created } = await getOrCreate(fromKnex(knex), bySlug, { where, create })
  assert.equal(created, true)
  assert.equal((await knex('thing').where({ slug: 'asked' })).length, 2)
})

test('values are bound, whatever they look like to Knex', async () => {
  for (const slug of ['?', '??', ':slug', '$1', "\\?' or true --", 'undefined', '{}']) {
    const { row } = await getOrCreate(fromKnex(knex), bySlug, { where: { slug, bornOn }, create })
    assert.deepEqual([row.slug, row], [slug, await selected(slug)])
  }
})

test('a table in a schema, both renamed', async () => {
  interface Tag {
    readonly tagName: string
  }
  const tags = knexTable<Tag>(knex, 'app.raceTag', { columns: { tagName: true } })
  assert.deepEqual([tags.schema, tags.name, tags.columns[0]?.name], ['app', 'race_tag', 'tag_name'])
  const byName = uniqueKey(tags, ['tagName'], { name: 'race_tag_pkey' })
  const made = await getOrCreate(fromKnex(knex), byName, { where: { tagName: 'a' } })
  assert.deepEqual(made, { row: (await knex('app.raceTag'))[0], created: true })
})

test('a codec that is an instance of a class', async () => {
  class Cents {
    readonly #factor = 100
    encode(cents: number): string {
      return String(cents / this.#factor)
    }
    decode(stored: unknown): number {
      return Math.round(Number(stored) * this.#factor)
    }
  }
  await knex.schema.createTable('bill', (bill) => {
    bill.text('number').primary()
    bill.decimal('total', 10, 2).notNullable()
  })
  interface Bill {
    readonly number: string
    readonly total: number
  }
  const bills = knexTable<Bill>(knex, 'bill', { columns: { number: true, total: new Cents() } })
  const byNumber = uniqueKey(bills, ['number'], { name: 'bill_pkey' })
  const { row } = await getOrCreate(fromKnex(knex), byNumber, {
    where: { number: '1' },
    create: { total: 1999 },
  })
  assert.deepEqual([row, await knex('bill').pluck('total')], [{ number: '1', total: 1999 }, ['19.99']])
})

test('what does not fit the table or the database fails at once', async () => {
  assert.throws(
    () => uniqueKey(things, ['born_on' as 'bornOn'], { name: 'thing_slug' }),
    /"born_on" is not a column of the table/,
  )
  const plain = createKnex({ client: 'pg', connection: database.url })
  after(() => plain.destroy())
  interface Tag {
    readonly tagName: string
  }
  // Declared on an instance that does not rename.
  const tags = knexTable<Tag>(plain, 'app.race_tag', { columns: { tagName: true } })
  const byName = uniqueKey(tags, ['tagName'], { name: 'race_tag_pkey' })
  await assert.rejects(getOrCreate(fromKnex(knex), byName, { where: { tagName: 'b' } }), { code: '42703' })
})

test("Knex's own events, with the values beside the text; errors are Knex's, without them", async () => {
  const heard: string[] = []
  const hear = (name: string) => (about: { sql?: string; bindings?: readonly unknown[] }) =>
    heard.push(`${name} ${about.bindings?.includes('heard') === true}`)
  const queried = hear('query')
  const answered = (_: unknown, about: object) => hear('query-response')(about)
  const failed = (_: unknown, about: object) => hear('query-error')(about)
  knex.on('query', queried).on('query-response', answered).on('query-error', failed)
  await getOrCreate(fromKnex(knex), bySlug, { where: { slug: 'heard', bornOn }, create })
  const broken = { ...create, price: null as unknown as string, note: 'secret' }
  await assert.rejects(
    updateOrCreate(fromKnex(knex), bySlug, { where: { slug: 'heard', bornOn }, update: broken }),
    (error: Error & { code?: string }) => {
      assert.deepEqual([error.code, error.message.includes('secret')], ['23502', false])
      return error.message.startsWith('with onerow_') || assert.fail(error.message)
    },
  )
  knex.off('query', queried).off('query-response', answered).off('query-error', failed)
  assert.deepEqual(heard, ['query true', 'query-response true', 'query true', 'query-error true'])
})

test('another engine is refused', () => {
  for (const client of ['cockroachdb', 'mssql', 'redshift', 'mysql', 'oracledb', 'sqlite3'] as const)
    assert.throws(() => fromKnex(createKnex({ client })), { name: 'TypeError', message: /not on/ })
})

test('a default and an onUpdate of the application are heeded; a name of more than two parts is refused', () => {
  interface Note {
    readonly id: number
    readonly madeAt: Date
  }
  const madeAt = { default: () => new Date(0), onUpdate: () => new Date(1) }
  const notes = knexTable<Note, Partial<Note>>(knex, 'note', { columns: { id: true, madeAt } })
  const [, column] = notes.columns
  assert.deepEqual(
    [column?.name, column?.default?.(), column?.onUpdate?.()],
    ['made_at', new Date(0), new Date(1)],
  )
  assert.throws(
    () => knexTable<Note>(knex, 'db.app.note', { columns: { id: true, madeAt: true } }),
    /has more before it than a schema/,
  )
})
