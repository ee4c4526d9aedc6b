import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Generated, Transaction } from 'kysely'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'
import { Pool } from 'pg'

interface Schema {
  account: { id: Generated<number>; email: string; visits: number }
  audit: { what: string }
}

const database = await testDatabase({ name: 'kysely_transaction' })
const open = (max: number) => {
  const pool = new Pool({ connectionString: database.url, max })
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}
// What takes a second connection while it holds one never ends here.
const single = open(1)
const others = open(2)
after(async () => {
  await single.destroy()
  await others.destroy()
  await database.drop()
})

const accounts = kyselyTable(single.insertInto('account'), ['id', 'email', 'visits'])
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
await sql`create table account (id serial primary key, email text not null, visits integer not null)`.execute(
  others,
)
await sql`create table audit (what text not null)`.execute(others)
await sql.raw(keySql(byEmail, fromKysely(others).dialect)).execute(others)

const accountOf = (email: string) =>
  others.selectFrom('account').selectAll().where('email', '=', email).execute()
const auditOf = (what: string) => others.selectFrom('audit').selectAll().where('what', '=', what).execute()
const values = (email: string) => ({ where: { email }, create: { visits: 0 } })

/** Resolves when the server sees a session waiting for another's lock. */
async function untilBlocked(): Promise<void> {
  const waiting = sql`select from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0`
  while ((await waiting.execute(others)).rows.length === 0);
}

test('in a transaction of the caller: a rollback takes the created row with it', async () => {
  const failure = new Error('no')
  const work = single.transaction().execute(async (trx) => {
    const { created } = await getOrCreate(fromKysely(trx), byEmail, values('rolled back'))
    assert.equal(created, true)
    throw failure
  })
  await assert.rejects(work, (error) => error === failure)
  assert.deepEqual(await accountOf('rolled back'), [])
})

test('in a transaction of the caller: a lost race gives the row of the winner, and the rest is committed', async () => {
  const rival = await others.startTransaction().execute()
  const won = await getOrCreate(fromKysely(rival), byEmail, values('raced'))
  const work = single.transaction().execute(async (trx) => {
    await trx.insertInto('audit').values({ what: 'raced' }).execute()
    const lost = await getOrCreate(fromKysely(trx), byEmail, values('raced'))
    const updated = await updateOrCreate(fromKysely(trx), byEmail, {
      where: { email: 'raced' },
      update: ({ visits }) => ({ visits: visits + 1 }),
      create: { visits: 0 },
    })
    return [lost, updated.row.visits]
  })
  await untilBlocked()
  await rival.commit().execute()
  assert.deepEqual(await work, [{ row: won.row, created: false }, 1])
  assert.equal((await auditOf('raced')).length, 1)
})

test('in a controlled transaction, beside its savepoints', async () => {
  const trx = await single.startTransaction().execute()
  const kept = await getOrCreate(fromKysely(trx), byEmail, values('kept'))
  const after = await trx.savepoint('after').execute()
  await getOrCreate(fromKysely(after), byEmail, values('undone'))
  await after.rollbackToSavepoint('after').execute()
  await trx.commit().execute()
  assert.deepEqual(await accountOf('kept'), [kept.row])
  assert.deepEqual(await accountOf('undone'), [])
  await assert.rejects(getOrCreate(fromKysely(trx), byEmail, values('late')), /already committed/)
})

test('on one connection', async () => {
  const row = await single.connection().execute(async (connection) => {
    await getOrCreate(fromKysely(connection), byEmail, values('connected'))
    return updateOrCreate(fromKysely(connection), byEmail, {
      where: { email: 'connected' },
      update: () => ({ visits: 2 }),
      create: { visits: 0 },
    })
  })
  assert.equal(row.row.visits, 2)
})

test("in a transaction of onerow's: Kysely's own, at the level asked for, on one connection", async () => {
  const told = await transaction(
    fromKysely(single),
    async (tx) => {
      tx.client satisfies Transaction<Schema>
      assert.equal(tx.client.isTransaction, true)
      const level = await sql<{
        level: string
      }>`select current_setting('transaction_isolation') as level`.execute(tx.client)
      const { created } = await getOrCreate(fromKysely(tx.client), byEmail, values('own'))
      await tx.client.insertInto('audit').values({ what: 'own' }).execute()
      return [level.rows[0]?.level, created]
    },
    { isolation: 'serializable' },
  )
  assert.deepEqual(told, ['serializable', true])
  assert.deepEqual([(await accountOf('own')).length, (await auditOf('own')).length], [1, 1])
})

test('a call that was not awaited does not go on after its transaction', async () => {
  let late: Promise<unknown> | undefined
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await transaction(fromKysely(single), async (tx) => {
    late = held.then(() => getOrCreate(tx, byEmail, values('late')))
  })
  release()
  await assert.rejects(late ?? assert.fail(), /This transaction has ended/)
  assert.deepEqual(await accountOf('late'), [])
})

test('when the connection is lost, the error is that of the work, not of the rollback', async () => {
  const work = transaction(fromKysely(single), async (tx) => {
    await getOrCreate(tx, byEmail, values('lost'))
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.client)
  })
  await assert.rejects(work, { code: '57P01' })
  assert.deepEqual(await accountOf('lost'), [])
  assert.equal((await getOrCreate(fromKysely(single), byEmail, values('lost'))).created, true)
})
