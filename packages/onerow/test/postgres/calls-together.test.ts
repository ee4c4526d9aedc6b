import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, table, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import pg from 'pg'

// Calls that leave in one statement, beside what is theirs alone.

interface Account {
  readonly id: number
  readonly email: string
  readonly name: string
}

const accounts = table<Account, Omit<Account, 'id'>>('account', {
  columns: { id: 'id', email: 'email', name: 'name' },
})
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

const database = await testDatabase({ name: 'calls_together' })
const pool = new pg.Pool({ connectionString: database.url, max: 4 })
after(async () => {
  await pool.end()
  await database.drop()
})
await pool.query(`
  create table account (
    id integer generated always as identity primary key,
    email text not null,
    name text not null check (name <> '')
  )`)
await pool.query('create unique index account_email on account (email)')

function callAll(db: Database, calls: readonly { readonly email: string; readonly name: string }[]) {
  return Promise.allSettled(
    calls.map(({ email, name }) => getOrCreate(db, byEmail, { where: { email }, create: { name } })),
  )
}

test('a call whose statement for many was refused goes alone in the async context of its caller', async () => {
  const caller = new AsyncLocalStorage<number>()
  const db = fromPg(pool)
  const sent: (readonly [email: unknown, caller: number | undefined])[] = []
  const heard: Database = {
    ...db,
    execute: (statement) => {
      sent.push([statement.values[0], caller.getStore()])
      return db.execute(statement)
    },
  }
  const numbers = Array.from({ length: 30 }, (_, index) => index)
  const calls = numbers.map((number) =>
    caller.run(number, () =>
      callAll(heard, [{ email: `context ${number}`, name: number === 20 ? '' : 'x' }]),
    ),
  )
  const ends = (await Promise.all(calls)).flat()
  assert.deepEqual(
    numbers.filter((number) => ends[number]?.status === 'rejected'),
    [20],
  )
  const alone = sent.filter(([email]) => typeof email === 'string')
  assert.ok(sent.some(([email]) => Array.isArray(email)))
  assert.ok(alone.length >= 25, `${alone.length} alone`)
  for (const [email, number] of alone) assert.equal(email, `context ${number}`)
})

for (const [what, parse] of [
  ['bigints', BigInt],
  ['texts', String],
] as const) {
  test(`a pool that gives integers as ${what}: calls that leave together get their rows`, async () => {
    const types = { getTypeParser: () => parse }
    await using given = await poolWith(types)
    const calls = Array.from({ length: 200 }, (_, index) => ({ email: `${what} ${index}`, name: 'x' }))
    // Made, then found, and found by a statement that only reads, after a hundred of them.
    for (const created of [true, false, false]) {
      const ends = await callAll(fromPg(given.pool), calls)
      assert.deepEqual(
        ends.map((end) => end.status === 'fulfilled' && [end.value.row.email, end.value.created]),
        calls.map(({ email }) => [email, created]),
      )
    }
  })
}

async function poolWith(parsers: { getTypeParser: () => typeof BigInt | typeof String }) {
  const { getTypeParser } = pg.types
  const integers = 23
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === integers ? parsers.getTypeParser() : getTypeParser(oid, format),
  }
  const opened = new pg.Pool({ connectionString: database.url, max: 4, types })
  return { pool: opened, [Symbol.asyncDispose]: () => opened.end() }
}
