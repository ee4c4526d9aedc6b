import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

interface Document {
  readonly id: string
  readonly userId: number
  readonly documentType: string
  readonly deletedAt: Date | null
}

const documents = table<Document, Omit<Document, 'id' | 'deletedAt'>>('document', {
  columns: { id: 'id', userId: 'user_id', documentType: 'document_type', deletedAt: 'deleted_at' },
})
const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
})

// PostgreSQL plans a prepared statement anew five times; from the sixth call on it may take one plan for all values.
test('the sixth and later calls of a prepared statement with a conditional key work and use its index', async () => {
  await using database = await testDatabase({ name: 'sixth_call' })
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    await pool.query(`
      create table document (
        id bigint generated always as identity primary key, user_id integer not null,
        document_type text not null, deleted_at timestamptz
      )`)
    await pool.query(keySql(identityCard, postgres))
    await pool.query(`
      insert into document (user_id, document_type)
      select n, type from generate_series(1, 20000) as n, unnest('{PAN_CARD,AADHAAR_CARD}'::text[]) as type`)
    await pool.query(`
      insert into document (user_id, document_type)
      select n % 100, 'SALARY_SLIP' from generate_series(1, 20000) as n`)
    await pool.query('analyze document')

    for (const shift of [0, 30_000]) {
      for (let call = 1; call <= 12; call++) {
        const { created } = await getOrCreate(fromPg(pool), identityCard, {
          where: { userId: shift + call, documentType: 'PAN_CARD' },
        })
        assert.equal(created, shift > 0, `call ${call}`)
      }
    }

    const { rows } = await pool.query<{ name: string; generic: string }>(
      `select name, generic_plans as generic from pg_prepared_statements where name like 'onerow%'`,
    )
    const [prepared] = rows
    assert.ok(prepared && rows.length === 1, 'every call used the one prepared statement')
    assert.ok(Number(prepared.generic) > 0, 'the server has changed over to the generic plan')
    const explained = await pool.query<{ 'QUERY PLAN': string }>(
      `explain execute ${pg.escapeIdentifier(prepared.name)} (7, 'PAN_CARD', null)`,
    )
    const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n')
    assert.match(plan, /Index Scan using unique_user_unique_document_type/)
    assert.match(plan, /Conflict Arbiter Indexes: unique_user_unique_document_type/)
    assert.doesNotMatch(plan, /Seq Scan/)
  } finally {
    await pool.end()
  }
})

test('the trap itself: with the condition as bound parameters, the sixth call fails', async () => {
  await using database = await testDatabase({ name: 'sixth_call_trap' })
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    await client.query('create table document (user_id integer not null, document_type text not null)')
    await client.query(
      `create unique index one on document (user_id, document_type) where document_type in ('AADHAAR_CARD', 'PAN_CARD')`,
    )
    const insert = (userId: number) =>
      client.query({
        name: 'bound',
        text: `insert into document values ($1, 'PAN_CARD')
               on conflict (user_id, document_type) where document_type in ($2, $3) do nothing`,
        values: [userId, 'AADHAAR_CARD', 'PAN_CARD'],
      })
    for (let call = 1; call <= 5; call++) await insert(call)
    await assert.rejects(insert(6), { code: '42P10' })
  } finally {
    await client.end()
  }
})
