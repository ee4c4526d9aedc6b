import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, isOnerowError, keySql, table, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import { fromPostgresJs } from 'onerow/postgres-js'
import postgres from 'postgres'
import pg from 'pg'
import { pool, run, sqlite } from './databases.ts'

test('SQLite: a key that only contains the row id is not enforced by it', async () => {
  const db = fromNodeSqlite(sqlite)
  const rows = table<{ id: number; x: number }>('rowid', { columns: { id: 'id', x: 'x' } })
  const key = uniqueKey(rows, ['id', 'x'], { name: 'rowid_key' })
  await run(db, 'create table rowid (id integer primary key, x integer not null)')
  assert.deepEqual(
    (await verifyKeys(db, [key])).map(({ kind }) => kind),
    ['missing-index'],
  )
  await assert.rejects(getOrCreate(db, key, { where: { id: 1, x: 1 } }), { kind: 'key-not-enforced' })
})

test("PostgreSQL: a table may have the name of one of the statement's own queries", async () => {
  const db = fromPg(pool)
  for (const name of ['found', 'inserted', 'updated', 'unchanged', 'proof']) {
    const rows = table<{ id: number; x: number }>(name, { columns: { id: 'id', x: 'x' } })
    const key = uniqueKey(rows, ['id'], { name: `${name}_key` })
    await run(db, `create table ${name} (id integer not null, x integer not null)`, keySql(key, db.dialect))
    const call = (x: number) => updateOrCreate(db, key, { where: { id: 1 }, update: { x } })
    assert.deepEqual(
      [(await call(1)).outcome, (await call(2)).outcome, (await call(2)).outcome],
      ['created', 'updated', 'unchanged'],
    )
    assert.equal((await getOrCreate(db, key, { where: { id: 1 }, create: () => ({ x: 3 }) })).created, false)
  }
})

test('PostgreSQL: a wider index that is conditional itself is named, not met again and again', async () => {
  const db = fromPg(pool)
  const cards = table<{ id: number; kind: string; gone: boolean }>('card', {
    columns: { id: 'id', kind: 'kind', gone: 'gone' },
  })
  const key = uniqueKey(cards, ['id'], { name: 'card_key', condition: { kind: ['A'], gone: false } })
  await run(
    db,
    'create table card (id integer not null, kind text not null, gone boolean not null)',
    'create unique index card_alive on card (id) where gone = false',
    `insert into card values (1, 'B', false)`,
  )
  await assert.rejects(getOrCreate(db, key, { where: { id: 1 }, create: { kind: 'A' } }), {
    kind: 'conflict-elsewhere',
    constraint: 'card_alive',
  })
})

test('PostgreSQL: a column that changes its type does not stop the statements that are prepared', async () => {
  const things = table<{ id: number; x: unknown }>('thing', { columns: { id: 'id', x: 'x' } })
  const key = uniqueKey(things, ['id'], { name: 'thing_key' })
  const single = new pg.Pool({ connectionString: pool.options.connectionString, max: 1 })
  const db = fromPg(single)
  try {
    await run(db, 'create table thing (id integer not null, x integer)', keySql(key, db.dialect))
    const call = () => getOrCreate(db, key, { where: { id: 1 }, create: { x: null } })
    const byFunction = () =>
      updateOrCreate(db, key, { where: { id: 1 }, create: { x: null }, update: () => ({}) })
    for (let type = 0; type < 3; type++) {
      await run(db, `alter table thing alter column x type ${['bigint', 'text', 'varchar(9)'][type]}`)
      assert.equal((await call()).created, type === 0)
      assert.equal((await byFunction()).outcome, 'unchanged')
      assert.equal((await call()).created, false)
    }
  } finally {
    await single.end()
  }
})

test('PostgreSQL: an index with another collation than its column is told', async () => {
  const db = fromPg(pool)
  const names = table<{ name: string }>('person', { columns: { name: 'name' } })
  const key = uniqueKey(names, ['name'], { name: 'person_name' })
  await run(
    db,
    `create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    'create table person (name text collate folded not null)',
    'create unique index person_name on person (name collate "C")',
  )
  const problems = await verifyKeys(db, [key])
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['other-collation'],
  )
  await pool.query(problems.map((problem) => problem.sql).join('\n'))
  assert.deepEqual(await verifyKeys(db, [key]), [])
})

test('PostgreSQL: no advice drops a primary key', async () => {
  const db = fromPg(pool)
  const rows = table<{ id: number; x: number }>('slip', { columns: { id: 'id', x: 'x' } })
  await run(
    db,
    'create table slip (id integer not null, x integer not null, constraint slip_pkey primary key (id) deferrable)',
  )
  const byOther = uniqueKey(rows, ['x'], { name: 'slip_pkey' })
  for (const problem of await verifyKeys(db, [byOther])) await pool.query(problem.sql)
  assert.deepEqual(await verifyKeys(db, [byOther]), [])
  const byId = uniqueKey(rows, ['id'], { name: 'slip_pkey' })
  const problems = await verifyKeys(db, [byId])
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['deferrable'],
  )
  for (const problem of problems) await pool.query(problem.sql)
  assert.deepEqual(await verifyKeys(db, [byId]), [])
  const { rows: primary } = await pool.query(
    `select from pg_constraint where conname = 'slip_pkey' and contype = 'p'`,
  )
  assert.equal(primary.length, 1)
})

for (const [name, db] of [
  ['PostgreSQL', fromPg(pool)],
  ['SQLite', fromNodeSqlite(sqlite)],
] as const) {
  test(`${name}: the statement in the message of key-not-enforced, run as it stands, mends it`, async () => {
    const slips = table<{ owner: number; kind: string }>('unkept', {
      columns: { owner: 'owner_id', kind: 'kind' },
    })
    const key = uniqueKey(slips, ['owner', 'kind'], {
      name: 'unkept_key',
      condition: { kind: ['A', "it's"] },
    })
    await run(db, 'create table unkept (owner_id integer not null, kind text not null)')
    const call = () => getOrCreate(db, key, { where: { owner: 1, kind: 'A' } })
    const error = await call().catch((reason: unknown) => reason)
    assert.ok(isOnerowError(error) && error.kind === 'key-not-enforced')
    const [, statement = ''] = error.message.split('Run, in a migration:\n')
    assert.equal(statement, error.sql)
    await run(db, statement)
    assert.deepEqual([(await call()).created, (await call()).created], [true, false])
  })
}

test('postgres.js: a transform that renames the columns of results is refused, others work', async () => {
  const rows = table<{ userId: number; fullName: string }>('renamed', {
    columns: { userId: 'user_id', fullName: 'full_name' },
  })
  const key = uniqueKey(rows, ['userId'], { name: 'renamed_key' })
  await run(fromPg(pool), 'create table renamed (user_id integer not null, full_name text not null)')
  await run(fromPg(pool), keySql(key, fromPg(pool).dialect))
  const url = pool.options.connectionString ?? ''
  for (const [userId, transform] of [postgres.camel, postgres.kebab].entries()) {
    const sql = postgres(url, { transform })
    const call = { where: { userId }, create: { fullName: 'x' } }
    assert.deepEqual(await getOrCreate(fromPostgresJs(sql), key, call), {
      row: { userId, fullName: 'x' },
      created: true,
    })
    await sql.end()
  }
  const pascal = postgres(url, { transform: postgres.pascal })
  assert.throws(() => fromPostgresJs(pascal), /renames the columns of every result/)
  await pascal.end()
})
