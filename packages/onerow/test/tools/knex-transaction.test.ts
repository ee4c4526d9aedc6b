import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'

interface Account {
  readonly id: number
  readonly email: string
  readonly visits: number
}

const database = await testDatabase({ name: 'knex_transaction' })
const open = (max: number) =>
  createKnex({
    client: 'pg',
    connection: database.url,
    pool: { min: 0, max },
    acquireConnectionTimeout: 20_000,
  })
// What takes a second connection while it holds one fails here.
const single = open(1)
const others = open(2)
after(async () => {
  await single.destroy()
  await others.destroy()
  await database.drop()
})

const accounts = knexTable<Account, Omit<Account, 'id'>>(single, 'account', {
  columns: { id: true, email: true, visits: true },
})
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
await others.schema.createTable('account', (account) => {
  account.increments('id')
  account.text('email').notNullable()
  account.integer('visits').notNullable()
})
await others.schema.createTable('audit', (audit) => audit.text('what').notNullable())
await others.raw(keySql(byEmail, fromKnex(others).dialect))

const accountOf = (email: string) => others<Account>('account').where({ email })
const auditOf = (what: string) => others('audit').where({ what })
const values = (email: string) => ({ where: { email }, create: { visits: 0 } })

/** Resolves when the server sees a session waiting for another's lock. */
async function untilBlocked(): Promise<void> {
  const waiting = 'select from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0'
  while ((await others.raw<{ rows: object[] }>(waiting)).rows.length === 0);
}

test('in a transaction of the caller: a rollback takes the created row with it', async () => {
  const failure = new Error('no')
  const work = single.transaction(async (trx) => {
    const { created } = await getOrCreate(fromKnex(trx), byEmail, values('rolled back'))
    assert.equal(created, true)
    throw failure
  })
  await assert.rejects(work, (error) => error === failure)
  assert.deepEqual(await accountOf('rolled back'), [])
})

test('in a transaction of the caller: a lost race gives the row of the winner, and the rest is committed', async () => {
  const rival = await others.transaction()
  const won = await getOrCreate(fromKnex(rival), byEmail, values('raced'))
  const work = single.transaction(async (trx) => {
    await trx('audit').insert({ what: 'raced' })
    const lost = await getOrCreate(fromKnex(trx), byEmail, values('raced'))
    const updated = await updateOrCreate(fromKnex(trx), byEmail, {
      where: { email: 'raced' },
      update: ({ visits }) => ({ visits: visits + 1 }),
      create: { visits: 0 },
    })
    return [lost, updated.row.visits]
  })
  await untilBlocked()
  await rival.commit()
  assert.deepEqual(await work, [{ row: won.row, created: false }, 1])
  assert.equal((await auditOf('raced')).length, 1)
})

test('in a transaction of a provider, and in a nested one, which is a savepoint', async () => {
  const trx = await single.transactionProvider()()
  const kept = await getOrCreate(fromKnex(trx), byEmail, values('kept'))
  const nested = await trx.transaction()
  await getOrCreate(fromKnex(nested), byEmail, values('undone'))
  await nested.rollback()
  await trx.commit()
  await trx.executionPromise
  assert.deepEqual(await accountOf('kept'), [kept.row])
  assert.deepEqual(await accountOf('undone'), [])
  for (const ended of [trx, nested])
    await assert.rejects(
      getOrCreate(fromKnex(ended), byEmail, values('late')),
      /Transaction query already complete/,
    )
})

test("in a transaction of onerow's: Knex's own, at the level asked for, on one connection", async () => {
  const told = await transaction(
    fromKnex(single),
    async (tx) => {
      tx.client satisfies Knex.Transaction
      assert.equal(tx.client.isTransaction, true)
      const { rows } = await tx.client.raw(`select current_setting('transaction_isolation') as level`)
      const { created } = await getOrCreate(fromKnex(tx.client), byEmail, values('own'))
      await tx.client('audit').insert({ what: 'own' })
      return [rows, created]
    },
    { isolation: 'serializable' },
  )
  assert.deepEqual(told, [[{ level: 'serializable' }], true])
  assert.deepEqual([(await accountOf('own')).length, (await auditOf('own')).length], [1, 1])
})

test('an error that is undefined rolls back, too', async () => {
  const work = transaction(fromKnex(single), async (tx) => {
    await getOrCreate(tx, byEmail, values('undefined'))
    throw undefined
  })
  assert.equal(await work.then(() => 'resolved', String), 'undefined')
  assert.deepEqual(await accountOf('undefined'), [])
})

test('a call that was not awaited does not go on after its transaction', async () => {
  let late: Promise<unknown> | undefined
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  await transaction(fromKnex(single), async (tx) => {
    late = held.then(() => getOrCreate(tx, byEmail, values('late')))
  })
  release()
  await assert.rejects(late ?? assert.fail(), /This transaction has ended/)
  assert.deepEqual(await accountOf('late'), [])
})

test('when the connection is lost, the error is that of the work, not of the rollback; the pool goes on', async () => {
  const work = transaction(fromKnex(single), async (tx) => {
    await getOrCreate(tx, byEmail, values('lost'))
    await tx.client.raw('select pg_terminate_backend(pg_backend_pid())')
  })
  await assert.rejects(work, { code: '57P01' })
  assert.equal((await getOrCreate(fromKnex(single), byEmail, values('lost'))).created, true)
})

test('a call outside of the transaction that holds the one connection: Knex refuses it, onerow inside goes on', async () => {
  const impatient = createKnex({
    client: 'pg',
    connection: database.url,
    pool: { min: 0, max: 1 },
    acquireConnectionTimeout: 50,
    log: { warn() {} },
  })
  after(() => impatient.destroy())
  await impatient.transaction(async (trx) => {
    await assert.rejects(impatient('account'), { name: 'KnexTimeoutError' })
    await assert.rejects(getOrCreate(fromKnex(impatient), byEmail, values('inside')), {
      name: 'KnexTimeoutError',
    })
    const calls = Array.from({ length: 8 }, () => getOrCreate(fromKnex(trx), byEmail, values('inside')))
    const results = await Promise.all(calls)
    assert.equal(results.filter(({ created }) => created).length, 1)
  })
  assert.equal((await accountOf('inside')).length, 1)
})

test("the trap of Knex's commit(): when COMMIT fails, only executionPromise tells", async () => {
  await others.raw(`
create table visit (account integer references account deferrable initially deferred);
alter table account add constraint account_pkey2 unique (id)`)
  const trx = await single.transaction()
  const { created } = await getOrCreate(fromKnex(trx), byEmail, values('never'))
  await trx('visit').insert({ account: -1 })
  assert.deepEqual([created, await trx.commit()], [true, undefined])
  await assert.rejects(trx.executionPromise, { code: '23503' })
  assert.deepEqual(await accountOf('never'), [])
})

test("a call's own way: first, then insert, makes two rows where nothing enforces the key", async () => {
  await others.schema.createTable('loose', (loose) => loose.text('email').notNullable())
  const firstOrInsert = async (rival?: () => Promise<unknown>) => {
    if (await others('loose').where({ email: 'ada' }).first()) return false
    await rival?.()
    await others('loose').insert({ email: 'ada' })
    return true
  }
  assert.deepEqual(await firstOrInsert(firstOrInsert), true)
  assert.equal((await others('loose')).length, 2)
  const loose = knexTable<{ email: string }>(others, 'loose', { columns: { email: true } })
  const key = uniqueKey(loose, ['email'], { name: 'loose_email' })
  await assert.rejects(getOrCreate(fromKnex(others), key, { where: { email: 'eve' } }), {
    kind: 'key-not-enforced',
  })
})
