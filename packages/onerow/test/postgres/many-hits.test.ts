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

/** The texts of the statements that a hundred and thirty hits send. */
async function hits(pool: pg.Pool, name: string): Promise<readonly string[]> {
  const db = fromPg(pool)
  const texts: string[] = []
  const counting: Database = {
    ...db,
    execute: (statement) => {
      texts.push(statement.text)
      return db.execute(statement)
    },
  }
  const key = uniqueKey(table<Account, Omit<Account, 'id'>>(name, definition), ['email'], {
    name: 'account_email',
  })
  for (let n = 0; n < 130; n++)
    assert.equal((await getOrCreate(counting, key, { where: { email: 'a' } })).created, n === 0)
  return texts
}

async function withAccounts(work: (pool: pg.Pool) => Promise<void>): Promise<void> {
  await using database = await testDatabase({ name: 'many_hits' })
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    await pool.query('create table account (id serial primary key, email text not null)')
    await pool.query('create unique index account_email on account (email)')
    await work(pool)
  } finally {
    await pool.end()
  }
}

test('after many hits, the catalog is read once, and a call is a plain read that asks for the index', () =>
  withAccounts(async (pool) => {
    const texts = await hits(pool, 'account')
    assert.equal(texts.filter((text) => text.includes('pg_index ')).length, 1)
    assert.match(
      texts.at(-1) ?? '',
      /^select "id", "email"\nfrom "account"\nwhere "email" = \$1 and pg_index_has_property/,
    )
  }))

test('where the catalog knows of no index of the table, as for a view, it is read once, too', () =>
  withAccounts(async (pool) => {
    await pool.query('create view seen as select * from account')
    const texts = await hits(pool, 'seen')
    assert.equal(texts.filter((text) => text.includes('pg_index ')).length, 1)
    assert.match(texts.at(-1) ?? '', /on conflict/)
  }))
