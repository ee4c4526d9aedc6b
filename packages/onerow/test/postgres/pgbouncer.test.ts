import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasPgbouncer, installCommand } from '@onerow/servers'
import {
  createUnique,
  getOrCreate,
  getOrCreateMany,
  isOnerowError,
  transaction,
  updateOrCreate,
  updateOrCreateMany,
  verifyKeys,
} from 'onerow'
import type { Database } from 'onerow'
import { fromPostgresJs } from 'onerow/postgres-js'
import postgres from 'postgres'
import { byName, openPg, openPostgresJs, openServers, serverConnections } from './behind-pgbouncer.ts'
import type { Pool } from './behind-pgbouncer.ts'

// PgBouncer in transaction mode gives a client another server connection for each transaction, and one server connection to many
// clients: what a client leaves behind there is lost to it, and in the way of others.

const skip = hasPgbouncer() ? false : `PgBouncer is not installed: ${installCommand.pgbouncer}`
const times = <Result>(count: number, call: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))
/** Of the whole table: rows that a lost COMMIT took along are not there. */
const rowsOf = async (db: Database): Promise<number> =>
  Number((await db.execute({ text: 'select count(*) as count from counter', values: [] }))[0]?.['count'])
async function all<Result>(stream: AsyncIterable<Result>): Promise<Result[]> {
  const results: Result[] = []
  for await (const result of stream) results.push(result)
  return results
}
const createdIn = (results: readonly { readonly created: boolean }[]): number =>
  results.filter(({ created }) => created).length

/** What each does, and how many rows are new after it. */
const verbs: readonly (readonly [string, number, (db: Database) => Promise<void>])[] = [
  [
    'getOrCreate',
    201,
    async (db) => {
      const call = (name: string) => getOrCreate(db, byName, { where: { name }, create: { value: 1 } })
      const [onOne, onMany] = await Promise.all([
        times(64, () => call('fresh')),
        times(200, (index) => call(`fresh ${index}`)),
      ])
      assert.deepEqual([createdIn(onOne), createdIn(onMany)], [1, 200])
      assert.deepEqual(
        onMany.map(({ row }) => row.name),
        onMany.map((_, index) => `fresh ${index}`),
      )
      assert.equal(createdIn(await times(200, (index) => call(`fresh ${index}`))), 0)
    },
  ],
  [
    'updateOrCreate with values',
    1,
    async (db) => {
      const results = await times(64, () =>
        updateOrCreate(db, byName, { where: { name: 'set' }, update: { value: 7 } }),
      )
      const outcomes = results.map(({ outcome }) => outcome).toSorted()
      assert.deepEqual(outcomes, ['created', ...Array<string>(63).fill('unchanged')])
    },
  ],
  [
    'updateOrCreate with a function',
    1,
    async (db) => {
      const results = await times(64, () =>
        updateOrCreate(db, byName, {
          where: { name: 'counted' },
          update: ({ value }) => ({ value: value + 1 }),
          create: { value: 1 },
        }),
      )
      assert.equal(createdIn(results), 1)
      // Each saw what the one before it left.
      assert.deepEqual(
        results.map(({ row }) => row.value).toSorted((a, b) => a - b),
        results.map((_, index) => index + 1),
      )
    },
  ],
  [
    'createUnique',
    1,
    async (db) => {
      const results = await Promise.allSettled(
        Array.from({ length: 16 }, (_, value) =>
          createUnique(db, byName, { where: { name: 'taken' }, create: { value } }),
        ),
      )
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      assert.equal(refusals.length, 15)
      for (const refusal of refusals) assert.equal(isOnerowError(refusal) && refusal.kind, 'already-exists')
    },
  ],
  [
    'getOrCreateMany',
    100,
    async (db) => {
      const calls = Array.from({ length: 300 }, (_, value) => ({
        where: { name: `listed ${value % 100}` },
        create: { value },
      }))
      const lists = await times(8, (index) =>
        getOrCreateMany(db, byName, index % 2 === 0 ? calls : calls.toReversed()),
      )
      assert.equal(createdIn(lists.flat()), 100)
      const streamed = getOrCreateMany(db, byName, calls.values(), { batch: 25, parallel: 4 })
      assert.equal(createdIn(await all(streamed)), 0)
    },
  ],
  [
    'updateOrCreateMany',
    100,
    async (db) => {
      const calls = (value: number) =>
        Array.from({ length: 100 }, (_, index) => ({
          where: { name: `upserted ${index}` },
          update: { value },
        }))
      const lists = await times(8, (value) => updateOrCreateMany(db, byName, calls(value)))
      assert.equal(createdIn(lists.flat()), 100)
      const streamed = updateOrCreateMany(db, byName, calls(8).values(), { batch: 25 })
      const outcomes = (await all(streamed)).map(({ outcome }) => outcome)
      assert.deepEqual(outcomes, Array<string>(100).fill('updated'))
    },
  ],
  [
    'transaction',
    33,
    async (db) => {
      const results = await times(32, (value) =>
        transaction(db, async (tx) => {
          const found = await getOrCreate(tx, byName, { where: { name: 'shared' }, create: { value } })
          const own = { where: { name: `own ${value}` }, update: { value: found.row.value } }
          return [found, await updateOrCreate(tx, byName, own)] as const
        }),
      )
      assert.equal(createdIn(results.map(([found]) => found)), 1)
      assert.equal(createdIn(results.map(([, own]) => own)), 32)
      assert.equal(new Set(results.flat().map(({ row }) => row.value)).size, 1)
    },
  ],
  ['verifyKeys', 0, async (db) => assert.deepEqual(await verifyKeys(db, [byName]), [])],
]

/** For calls that travel together, onerow sets a lock_timeout. */
async function noSettingStays({ db, keeping }: Pool): Promise<void> {
  const inserted = await db.execute({
    text: 'select distinct patience from counter order by patience',
    values: [],
  })
  assert.deepEqual(
    inserted.map(({ patience }) => patience),
    ['10min', '50ms'],
  )
  const patience = new Map<unknown, unknown>()
  const look = (unseen: number): Promise<void> =>
    keeping(async (query) => {
      const [row] = await query("select pg_backend_pid() as pid, current_setting('lock_timeout') as patience")
      patience.set(row?.['pid'], row?.['patience'])
      if (unseen > 1) await look(unseen - 1)
    })
  await look(serverConnections)
  assert.deepEqual([...patience.values()], Array(serverConnections).fill('10min'))
}

test('pg: two clients with one name on one server connection', { skip }, async () => {
  await using servers = await openServers()
  const call = ({ db }: Pool) => getOrCreate(db, byName, { where: { name: 'a' }, create: { value: 1 } })
  {
    await using first = openPg(servers.url, { max: 1, prepare: true })
    await using second = openPg(servers.url, { max: 1, prepare: true })
    await call(first)
    // PgBouncer hands out the connection that was used last (its setting server_round_robin).
    await assert.rejects(call(second), { code: '42P05', message: /prepared statement .* already exists/ })
  }
  await using first = openPg(servers.url, { max: 1, prepare: false })
  await using second = openPg(servers.url, { max: 1, prepare: false })
  assert.equal(createdIn([await call(first), await call(second)]), 0)
})

// Why `prepare: false` has to be said to postgres.js itself: what its own `begin` ends with is prepared, too. Without it, the
// server answers that it knows no such statement, which aborts the transaction; postgres.js sends COMMIT again, and the COMMIT of
// an aborted transaction is a ROLLBACK, without an error (https://github.com/porsager/postgres/pull/1212).
test('postgres.js by itself: a transaction on another server connection', { skip }, async () => {
  const insertTwice = async (prepare: boolean) => {
    await using servers = await openServers()
    await using other = openPostgresJs(servers.url, { max: 1, prepare })
    const sql = postgres(servers.url, { max: 1, prepare })
    const insert = (name: string) => sql.begin((tx) => tx.unsafe(`insert into counter values ('${name}', 1)`))
    await insert('first')
    await other.keeping(async () => void (await insert('second')))
    const [row] = await sql`select count(*)::integer as count from counter`
    await sql.end()
    return row?.['count']
  }
  assert.deepEqual([await insertTwice(true), await insertTwice(false)], [1, 2])
})

for (const [driver, openPool] of [
  ['pg', openPg],
  ['postgres.js', openPostgresJs],
] as const) {
  /** A call for which PgBouncer gives a client another server connection than for its first call. */
  const callElsewhere = async (prepare: boolean) => {
    await using servers = await openServers()
    await using pool = openPool(servers.url, { max: 1, prepare })
    await using other = openPool(servers.url, { max: 1, prepare })
    // In a transaction: outside of one, postgres.js prepares and runs a statement again when the server has lost it.
    const call = () =>
      transaction(pool.db, (tx) => getOrCreate(tx, byName, { where: { name: 'a' }, create: { value: 1 } }))
    const results = [await call()]
    await other.keeping(async () => void results.push(await call()))
    return createdIn(results)
  }

  test(`${driver}: a client on another server connection`, { skip }, async () => {
    await assert.rejects(callElsewhere(true), {
      code: '26000',
      message: /prepared statement .* does not exist/,
    })
    assert.equal(await callElsewhere(false), 1)
  })

  test(`${driver}, without names`, { skip }, async (t) => {
    await using servers = await openServers()
    await using pool = openPool(servers.url, { max: 16, prepare: false })
    for (const [verb, created, check] of verbs)
      await t.test(verb, async () => {
        const before = await rowsOf(pool.db)
        await check(pool.db)
        assert.equal((await rowsOf(pool.db)) - before, created)
      })
    // Only here is it known that calls have travelled together, which is what sets a lock_timeout.
    await t.test('no setting stays behind', () => noSettingStays(pool))
  })
}

test('postgres.js is refused when only onerow is told: it would lose its COMMIT without an error', async () => {
  await using sql = { client: postgres({ max: 1 }), [Symbol.asyncDispose]: () => sql.client.end() }
  assert.throws(() => fromPostgresJs(sql.client, { prepare: false }), /a ROLLBACK of such a COMMIT/)
  assert.equal(fromPostgresJs(sql.client).client, sql.client)
})
