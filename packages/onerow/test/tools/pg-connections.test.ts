import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { fromPg } from 'onerow/pg'
import pg from 'pg'

const database = await testDatabase({ name: 'pg_connections' })
after(() => database.drop())

const pool = new pg.Pool({ connectionString: database.url, max: 1 })
pool.on('error', () => {})
after(() => pool.end())
await pool.query('create table item (id integer primary key, label text not null check (length(label) < 5))')
await pool.query("insert into item values (1, 'a')")

const db = fromPg(pool)
const insert = 'insert into item (id, label) values ($1, $2) returning label'

/** Of the pool's only connection. */
async function backend(): Promise<unknown> {
  return (await db.execute({ text: 'select pg_backend_pid() as pid', values: [] }))[0]?.['pid']
}

const refusals = [
  ['23505', insert, [1, 'b']],
  ['23502', insert, [2, null]],
  ['23514', insert, [2, 'longer']],
  ['22P02', insert, ['two', 'b']],
  ['42P10', insert.replace('returning', 'on conflict (label) do nothing returning'), [2, 'b']],
  ['42P01', 'select * from nothing where id = $1', [1]],
] as const

for (const named of [true, false]) {
  for (const [code, text, values] of refusals) {
    test(`${code}, ${named ? 'prepared' : 'not prepared'}: the connection serves whoever waits for it, and the next calls`, async () => {
      const statement = { text, values, ...(named && { name: `named_${code}` }) }
      const before = await backend()
      const refused = assert.rejects(db.execute(statement), { code })
      const next = db.execute({ text: 'select $1::integer as one', values: [1], name: 'one' })
      await refused
      assert.deepEqual(await next, [{ one: 1 }])
      await assert.rejects(db.execute(statement), { code })
      assert.equal(await backend(), before)
    })
  }
}

test('a session that the server ends is given to nobody', async () => {
  const before = await backend()
  const ended = db.execute({ text: 'select pg_terminate_backend(pg_backend_pid())', values: [] })
  const next = backend()
  await assert.rejects(ended, { code: '57P01' })
  assert.notEqual(await next, before)
})

test('a connection that somebody gave back with a transaction open is given up with the first error', async () => {
  const client = await pool.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  await client.query('begin')
  client.release()
  await assert.rejects(db.execute({ text: insert, values: [1, 'b'] }), { code: '23505' })
  assert.notEqual(await backend(), rows[0]?.pid)
})
