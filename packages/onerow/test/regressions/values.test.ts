import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expression, getOrCreate, keySql, table, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import { pool, run, sqlite } from './databases.ts'

test('node:sqlite: a value that is an object is refused, and does not move the others up', async () => {
  const db = fromNodeSqlite(sqlite)
  const days = table<{ day: Date; a: string }>('day', { columns: { day: 'day', a: 'a' } })
  const key = uniqueKey(days, ['day'], { name: 'day_key' })
  await run(db, 'create table day (day text, a text)', keySql(key, db.dialect))
  await assert.rejects(
    getOrCreate(db, key, { where: { day: new Date(0) }, create: { a: 'x' } }),
    /cannot be bound/,
  )
  assert.deepEqual(sqlite.prepare('select * from day').all(), [])
})

test("PostgreSQL: a value in a key's expression is stored with the type of its column", async () => {
  const db = fromPg(pool)
  interface Event {
    readonly id: number
    readonly at: string
    readonly data: object
    readonly n: string
  }
  const events = table<Event, Omit<Event, 'id'>>('event', {
    columns: {
      id: 'id',
      at: { name: 'at', decode: (at) => (at instanceof Date ? at.toISOString() : at) as string },
      data: 'data',
      n: 'n',
    },
  })
  await run(
    db,
    'create table event (id serial primary key, at timestamptz not null, data jsonb not null, n numeric not null)',
  )
  const at = '2024-05-06T13:45:00.000Z'
  const keys = {
    at: uniqueKey(events, [expression('at', (x) => `((${x} at time zone 'UTC')::date)`)], {
      name: 'event_day',
    }),
    data: uniqueKey(events, [expression('data', (x) => `(${x} ->> 'email')`)], { name: 'event_email' }),
    n: uniqueKey(events, [expression('n', (x) => `abs(${x})`)], { name: 'event_abs' }),
  }
  for (const key of Object.values(keys)) {
    await run(db, keySql(key, db.dialect))
    assert.deepEqual(await verifyKeys(db, [key]), [])
  }
  const byDay = await getOrCreate(db, keys.at, { where: { at }, create: { data: { email: 'a' }, n: '1' } })
  assert.deepEqual([byDay.created, byDay.row.at], [true, at])
  const again = await getOrCreate(db, keys.at, {
    where: { at: '2024-05-06T20:00:00Z' },
    create: { data: { email: 'b' }, n: '2' },
  })
  assert.deepEqual([again.created, again.row.at], [false, at])
  const byData = { where: { data: { email: 'c' } }, create: { at: '2025-01-01', n: '9007199254740993' } }
  assert.equal((await getOrCreate(db, keys.data, byData)).created, true)
  assert.equal((await getOrCreate(db, keys.data, byData)).row.n, '9007199254740993')
  const byNumber = await getOrCreate(db, keys.n, {
    where: { n: '-9007199254740993' },
    create: { at: '2026-01-01', data: {} },
  })
  assert.equal(byNumber.created, false)
})

for (const [name, db] of [
  ['PostgreSQL', fromPg(pool)],
  ['SQLite', fromNodeSqlite(sqlite)],
] as const) {
  test(`${name}: a value that is NULL once it is encoded, or in the key's expression, makes no row`, async () => {
    interface Word {
      readonly word: string
      readonly note: string | null
    }
    const words = table<Word>('word', {
      columns: { word: { name: 'word', encode: (word) => word.trim() || null }, note: 'note' },
    })
    const plain = table<Word>('word', { columns: { word: 'word', note: 'note' } })
    const encoded = uniqueKey(words, ['word'], { name: 'word_key' })
    const byExpression = uniqueKey(plain, [expression('word', (word) => `nullif(${word}, '')`)], {
      name: 'word_nullif',
    })
    await run(
      db,
      'create table word (word text, note text)',
      keySql(encoded, db.dialect),
      keySql(byExpression, db.dialect),
    )
    const create = { note: null }
    await assert.rejects(getOrCreate(db, encoded, { where: { word: ' ' }, create }), { kind: 'outside-key' })
    await assert.rejects(getOrCreate(db, byExpression, { where: { word: '' }, create }), {
      kind: 'outside-key',
    })
    await assert.rejects(getOrCreate(db, byExpression, { where: { word: '' }, create: () => create }), {
      kind: 'outside-key',
    })
    assert.deepEqual(await db.execute({ text: 'select * from word', values: [] }), [])
    assert.equal((await getOrCreate(db, byExpression, { where: { word: 'x' }, create })).created, true)
  })

  test(`${name}: undefined in create does not erase the value in update`, async () => {
    const notes = table<{ id: number; a: string | null }>('note', { columns: { id: 'id', a: 'a' } })
    const key = uniqueKey(notes, ['id'], { name: 'note_key' })
    await run(db, 'create table note (id integer not null, a text)', keySql(key, db.dialect))
    const create: { a?: string } = JSON.parse('{}')
    Object.assign(create, { a: undefined })
    const { row } = await updateOrCreate(db, key, { where: { id: 1 }, update: { a: 'b' }, create })
    assert.equal(row.a, 'b')
  })

  test(`${name}: an update function works on a copy, and must return something`, async () => {
    const pets = table<{ id: number; a: string }>('pet', { columns: { id: 'id', a: 'a' } })
    const key = uniqueKey(pets, ['id'], { name: 'pet_key' })
    await run(db, 'create table pet (id integer not null, a text not null)', keySql(key, db.dialect))
    const where = { id: 1 }
    await getOrCreate(db, key, { where, create: { a: 'old' } })
    const changed = await updateOrCreate(db, key, {
      where,
      create: { a: 'x' },
      update: (row) => {
        Object.assign(row, { a: 'new' })
        return {}
      },
    })
    assert.deepEqual([changed.row.a, changed.outcome], ['old', 'unchanged'])
    // @ts-expect-error the function returns nothing
    const nothing = updateOrCreate(db, key, { where, create: { a: 'x' }, update: () => undefined })
    await assert.rejects(nothing, /must return the columns to set/)
  })

  test(`${name}: a codec may be an instance of a class`, async () => {
    class Upper {
      readonly name = 'a'
      readonly suffix = '!'
      encode(value: string): string {
        return value.toUpperCase() + this.suffix
      }
      decode(stored: unknown): string {
        return String(stored).replace(this.suffix, '').toLowerCase()
      }
    }
    const cries = table<{ id: number; a: string }>('cry', { columns: { id: 'id', a: new Upper() } })
    const key = uniqueKey(cries, ['id'], { name: 'cry_key' })
    await run(db, 'create table cry (id integer not null, a text not null)', keySql(key, db.dialect))
    const { row } = await getOrCreate(db, key, { where: { id: 1 }, create: { a: 'oh' } })
    assert.equal(row.a, 'oh')
    assert.equal((await db.execute({ text: 'select a from cry', values: [] }))[0]?.['a'], 'OH!')
  })
}

test('a codec that gives undefined for a value gives NULL, and not the default of the column', async () => {
  const db = fromPg(pool)
  const coupons = table<{ owner: number; code: string | null }>('coupon', {
    columns: { owner: 'owner', code: { name: 'code', encode: (code) => (code === '' ? undefined : code) } },
  })
  const key = uniqueKey(coupons, ['owner'], { name: 'coupon_owner' })
  await run(db, "create table coupon (owner int not null, code text default 'none')", keySql(key, db.dialect))
  const { row } = await getOrCreate(db, key, { where: { owner: 1 }, create: { code: '' } })
  assert.equal(row.code, null)
  const set = await updateOrCreate(db, key, { where: { owner: 1 }, update: { code: 'a' } })
  const unset = await updateOrCreate(db, key, { where: { owner: 1 }, update: { code: '' } })
  assert.deepEqual([set.row.code, unset.row.code, unset.outcome], ['a', null, 'updated'])
})
