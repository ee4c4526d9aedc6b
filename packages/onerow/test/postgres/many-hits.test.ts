import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installCommand, testDatabase } from '@onerow/servers'
import type { TestDatabase } from '@onerow/servers'
import { getOrCreate, table, transaction, uniqueKey } from 'onerow'
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
function hits(
  client: pg.Pool | pg.PoolClient,
  key: ReturnType<typeof accountKey>,
  count?: number,
): Promise<readonly string[]> {
  return hitsOn(fromPg(client), key, count)
}

async function hitsOn(
  db: Database,
  key: ReturnType<typeof accountKey>,
  count = 130,
): Promise<readonly string[]> {
  const texts: string[] = []
  const heard = counting(db, texts)
  for (let n = 0; n < count; n++)
    assert.equal((await getOrCreate(heard, key, { where: { email: 'a' } })).created, false)
  return texts
}

/** The same, and it keeps the texts of its statements. */
function counting(db: Database, texts: string[]): Database {
  return {
    ...db,
    execute: (statement) => {
      texts.push(statement.text)
      return db.execute(statement)
    },
  }
}

async function withAccounts(work: (pool: pg.Pool) => Promise<void>): Promise<void> {
  await using database = await testDatabase({ name: 'many_hits' })
  await withAccountsOf(database, work)
}

async function withAccountsOf(database: TestDatabase, work: (pool: pg.Pool) => Promise<void>): Promise<void> {
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
      /^select "id", "email"\nfrom "account"\nwhere "email" = \$1 and '"public"\."account_email"'::regclass = '\d+' and '"account"'::regclass = '\d+' and not pg_is_in_recovery\(\)$/,
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

/** What may become of the index while the process runs; each of the table's rows is in a table of that name afterwards, too. */
const changes: readonly (readonly [what: string, statements: readonly string[]])[] = [
  ['the index is renamed', ['alter index account_email rename to other_name']],
  [
    'the index is replaced by one of another name',
    ['create unique index other_name on account (email)', 'drop index account_email'],
  ],
  [
    'the table is moved to another schema',
    [
      'create schema other',
      'alter table account set schema other',
      'set search_path to other',
      // After some errors a connection is given up, and its own setting with it.
      `do $$ begin execute format('alter database %I set search_path to other', current_database()); end $$`,
    ],
  ],
  [
    'the table is moved to another schema, and its old one is dropped',
    [
      'create schema other',
      'alter table account set schema other',
      'drop schema public',
      'set search_path to other',
      `do $$ begin execute format('alter database %I set search_path to other', current_database()); end $$`,
    ],
  ],
  [
    'another table takes its place, with an index of another name',
    [
      'create table other (like account including defaults)',
      'insert into other select * from account',
      'create unique index other_email on other (email)',
      'alter table account rename to old',
      'alter table other rename to account',
    ],
  ],
]

for (const version of [15, 18] as const)
  for (const [what, statements] of changes)
    for (const isInTransaction of [false, true])
      test(`PostgreSQL ${version}: after many hits, ${what}: nobody notices${isInTransaction ? ' in a transaction' : ''}`, async (t) => {
        await using database = await testDatabase({ name: 'many_hits', version })
        if (!database) return t.skip(`PostgreSQL 15 is not installed: ${installCommand.postgres15}`)
        await withAccountsOf(database, async (pool) => {
          const key = accountKey('account')
          await hits(pool, key)
          for (const statement of statements) await pool.query(statement)
          if (isInTransaction) await transaction(fromPg(pool), (tx) => hitsOn(tx, key, 1))
          const texts = await hits(pool, key)
          assert.doesNotMatch(texts.at(-1) ?? '', /insert/, 'a read, by the index as it is now')
        })
      })

test('after many hits, another table without a key takes its place: the next call says so', () =>
  withAccounts(async (pool) => {
    const key = accountKey('account')
    await hits(pool, key)
    await pool.query('create table other (like account including defaults)')
    await pool.query("insert into other (email) values ('a'), ('a')")
    await pool.query('alter table account rename to old')
    await pool.query('alter table other rename to account')
    await assert.rejects(hits(pool, key, 1), { kind: 'duplicate-rows' })
  }))

test('connections that look for the table in schemas of their own each have the key proved', () =>
  withAccounts(async (pool) => {
    const key = accountKey('account')
    await hits(pool, key)
    await pool.query('create schema tenant')
    await pool.query('create table tenant.account (like account including defaults)')
    await pool.query("insert into tenant.account (email) values ('a'), ('a')")
    await pool.query('set search_path to tenant')
    await assert.rejects(hits(pool, key, 1), { kind: 'duplicate-rows' })
    await pool.query('set search_path to public')
    await hits(pool, key, 1)
    await pool.query('delete from tenant.account')
    await pool.query("insert into tenant.account (email) values ('a')")
    await pool.query('create unique index on tenant.account (email)')
    for (let n = 0; n < 300; n++) {
      await pool.query(`set search_path to ${n % 2 === 0 ? 'tenant' : 'public'}`)
      await hits(pool, key, 1)
    }
  }))

test('after many hits, a trigger writes to a table that is not there: the call says what the server says, at once', () =>
  withAccounts(async (pool) => {
    const key = accountKey('account')
    await hits(pool, key)
    await pool.query(`
create function log_account() returns trigger language plpgsql
as $$ begin insert into log values (new.email); return new; end $$`)
    await pool.query(
      'create trigger log_account before insert on account for each row execute function log_account()',
    )
    const texts: string[] = []
    const work = getOrCreate(counting(fromPg(pool), texts), key, { where: { email: 'b' } })
    await assert.rejects(work, { code: '42P01', message: 'relation "log" does not exist' })
    assert.equal(texts.length, 3, texts.join('\n\n'))
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
