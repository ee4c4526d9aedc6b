import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { testDatabase } from '@onerow/servers'
import { getOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import pg from 'pg'
import { byEmail } from '../accounts.ts'

// Calls that leave in one statement, beside what is theirs alone.

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

test('a batch that is full leaves beside another, however small', async () => {
  const db = fromPg(pool, { coalesce: { maxBatch: 2 } })
  const lists = { underWay: 0, most: 0 }
  const slow: Database = {
    ...db,
    execute: async (statement) => {
      const isList = Array.isArray(statement.values[0])
      if (isList) lists.most = Math.max(lists.most, ++lists.underWay)
      await setTimeout(20)
      if (isList) lists.underWay--
      return db.execute(statement)
    },
  }
  const ends = await callAll(
    slow,
    Array.from({ length: 16 }, (_, index) => ({ email: `full ${index}`, name: 'x' })),
  )
  assert.ok(ends.every(({ status }) => status === 'fulfilled'))
  assert.equal(lists.most, 2)
})

const integer: number = pg.types.builtins.INT4

for (const [what, parse] of [
  ['bigints', BigInt],
  ['texts', String],
] as const) {
  test(`a pool that gives integers as ${what}: calls that leave together get their rows`, async () => {
    const types = {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === integer ? parse : pg.types.getTypeParser(oid, format),
    }
    const other = new pg.Pool({ connectionString: database.url, max: 4, types })
    const calls = Array.from({ length: 200 }, (_, index) => ({ email: `${what} ${index}`, name: 'x' }))
    try {
      // Made, then found, and found by a statement that only reads, after a hundred of them.
      for (const created of [true, false, false]) {
        const ends = await callAll(fromPg(other), calls)
        assert.deepEqual(
          ends.map((end) => end.status === 'fulfilled' && [end.value.row.email, end.value.created]),
          calls.map(({ email }) => [email, created]),
        )
      }
    } finally {
      await other.end()
    }
  })
}
