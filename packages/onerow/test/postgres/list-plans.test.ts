import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, getOrCreateMany, updateOrCreateMany } from 'onerow'
import { fromPg } from 'onerow/pg'
import pg from 'pg'
import { byEmail } from '../accounts.ts'

test('a statement for a list, prepared while the table is new, does not read all of it', async () => {
  await using database = await testDatabase({ name: 'list_plans' })
  // One connection: its prepared statements are all of them.
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    await pool.query(`
      create table account (
        id integer generated always as identity primary key,
        email text not null,
        name text not null
      )`)
    await pool.query('create unique index account_email on account (email)')
    const db = fromPg(pool)
    const calls = Array.from({ length: 300 }, (_, index) => ({
      where: { email: `${index}` },
      create: { name: 'a' },
    }))
    await getOrCreateMany(db, byEmail, calls.slice(0, 10))
    const update = { name: 'b' }
    await updateOrCreateMany(
      db,
      byEmail,
      calls.slice(0, 20).map(({ where, create }) => ({ where, create, update })),
    )
    // Calls at the same time: at first for new rows, then for those that are there, until that is expected.
    for (let time = 0; time < 3; time++)
      await Promise.all(calls.map((call) => getOrCreate(db, byEmail, call)))

    const { rows } = await pool.query<{ statement: string }>(
      `select statement from pg_prepared_statements where statement like '%unnest(%'`,
    )
    assert.deepEqual(
      ['onerow_found', 'onerow_locked', 'onerow_updated', 'from onerow_new join', 'onerow_proof'].filter(
        (part) => !rows.some(({ statement }) => statement.includes(part)),
      ),
      [],
      'not prepared',
    )
    for (const { statement } of rows) {
      const plan = await pool.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${statement}`)
      const lines = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
      assert.doesNotMatch(lines, /Seq Scan on account/, statement)
      assert.match(lines, /account_email on account/)
    }
  } finally {
    await pool.end()
  }
})
