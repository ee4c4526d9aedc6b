import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, table, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import pg from 'pg'

interface Account {
  readonly id: number
  readonly email: string
}

const definition = { columns: { id: 'id', email: 'email' } } as const

function accountKey(name: string) {
  return uniqueKey(table<Account, Omit<Account, 'id'>>(name, definition), ['email'], {
    name: 'account_email',
  })
}

/** The texts of the statements that so many hits send. */
async function hits(
  client: pg.Pool | pg.PoolClient,
  key: ReturnType<typeof accountKey>,
  count = 130,
): Promise<readonly string[]> {
  const db = fromPg(client)
  const texts: string[] = []
  const counting: Database = {
    ...db,
    execute: (statement) => {
      texts.push(statement.text)
      return db.execute(statement)
    },
  }
  for (let n = 0; n < count; n++)
    assert.equal((await getOrCreate(counting, key, { where: { email: 'a' } })).created, false)
  return texts
}

async function withAccounts(work: (pool: pg.Pool) => Promise<void>): Promise<void> {
  await using database = await testDatabase({ name: 'many_hits' })
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    await pool.query('create table account (id serial primary key, email text not null)')
    await pool.query('create unique index account_email on account (email)')
    await pool.query("insert into account (email) values ('a')")
    await work(pool)
  } finally {
    await pool.end()
  }
}

test('after many hits, the catalog is read once, and a call on a pool is a plain read that names the index', () =>
  withAccounts(async (pool) => {
    const texts = await hits(pool, accountKey('account'))
    assert.equal(texts.filter((text) => text.includes('pg_index ')).length, 1)
    assert.match(
      texts.at(-1) ?? '',
      /^select "id", "email"\nfrom "account"\nwhere "email" = \$1 and '"public"\."account_email"'::regclass = '\d+'$/,
    )
    const [plan] = (await pool.query(`explain ${texts.at(-1)?.replace('$1', "'a'")}`)).rows
    assert.doesNotMatch(plan['QUERY PLAN'], /Result/, 'a node for the condition')
  }))

test('on a connection, in which a transaction may be open, a call asks for the index without failing when it is gone', () =>
  withAccounts(async (pool) => {
    const client = await pool.connect()
    try {
      const texts = await hits(client, accountKey('account'))
      assert.match(texts.at(-1) ?? '', /where "email" = \$1 and pg_index_has_property/)
    } finally {
      client.release()
    }
  }))

for (const [what, statements] of [
  ['renamed', ['alter index account_email rename to other_name']],
  [
    'replaced by one of another name',
    ['create unique index other_name on account (email)', 'drop index account_email'],
  ],
  [
    'moved to another schema',
    [
      'create schema other',
      'alter table account set schema other',
      'set search_path to other',
      // pg's pool closes a connection on which a statement has failed.
      `do $$ begin execute format('alter database %I set search_path to other', current_database()); end $$`,
    ],
  ],
] as const)
  test(`after many hits, the index is ${what}: nobody notices`, () =>
    withAccounts(async (pool) => {
      const key = accountKey('account')
      await hits(pool, key)
      for (const statement of statements) await pool.query(statement)
      const texts = await hits(pool, key, 1)
      assert.doesNotMatch(texts.at(-1) ?? '', /insert/, 'a read, by the index as it is now')
    }))

test('after many hits, the table is dropped: the call says what the server says', () =>
  withAccounts(async (pool) => {
    const key = accountKey('account')
    await hits(pool, key)
    await pool.query('drop table account')
    await assert.rejects(hits(pool, key, 1), { code: '42P01', message: 'relation "account" does not exist' })
  }))

test('where the catalog knows of no index of the table, as for a view, it is read once, too', () =>
  withAccounts(async (pool) => {
    await pool.query('create view seen as select * from account')
    const texts = await hits(pool, accountKey('seen'))
    assert.equal(texts.filter((text) => text.includes('pg_index ')).length, 1)
    assert.match(texts.at(-1) ?? '', /on conflict/)
  }))
