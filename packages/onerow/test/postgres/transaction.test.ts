import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, keySql, table, transaction, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

interface Counter {
  readonly name: string
  readonly value: number
}

const counters = table<Counter>('counter', { columns: { name: 'name', value: 'value' } })
const byName = uniqueKey(counters, ['name'], { name: 'counter_name' })

const database = await testDatabase({ name: 'transaction' })
const pool = new pg.Pool({ connectionString: database.url })
after(async () => {
  await pool.end()
  await database.drop()
})
await pool.query('create table counter (name text not null, value integer not null)')
await pool.query(keySql(byName, postgres))

const valueOf = async (name: string) =>
  (await pool.query<Counter>('select * from counter where name = $1', [name])).rows[0]?.value

test('runs the whole work again after a serialization failure, and only then commits', async () => {
  await pool.query(`insert into counter values ('retried', 0)`)
  let runs = 0
  await transaction(
    fromPg(pool),
    async (tx) => {
      runs++
      const { rows } = await tx.client.query<Counter>(`select * from counter where name = 'retried'`)
      // A rival commits between our read and our write, the first time.
      if (runs === 1) await pool.query(`update counter set value = value + 10 where name = 'retried'`)
      await tx.client.query(`update counter set value = $1 where name = 'retried'`, [
        (rows[0]?.value ?? 0) + 1,
      ])
    },
    { isolation: 'repeatable read' },
  )
  assert.equal(runs, 2)
  assert.equal(await valueOf('retried'), 11)
})

test('runs the work again when a serialization failure comes out only at COMMIT', async () => {
  await pool.query(`insert into counter values ('on call a', 1), ('on call b', 1)`)
  const onCall = async (tx: { client: pg.PoolClient }) => {
    const { rows } = await tx.client.query<{ sum: string }>(
      `select sum(value) from counter where name like 'on call %'`,
    )
    return Number(rows[0]?.sum)
  }
  const leave = async (tx: { client: pg.PoolClient }, who: string) =>
    tx.client.query(`update counter set value = 0 where name = $1`, [`on call ${who}`])
  let runs = 0
  const left = await transaction(
    fromPg(pool),
    async (tx) => {
      runs++
      if ((await onCall(tx)) < 2) return false
      if (runs === 1)
        await transaction(
          fromPg(pool),
          async (rival) => {
            await onCall(rival)
            await leave(rival, 'b')
          },
          { isolation: 'serializable' },
        )
      await leave(tx, 'a')
      return true
    },
    { isolation: 'serializable' },
  )
  assert.equal(runs, 2)
  assert.equal(left, false, 'the second run saw that the other had left')
  assert.equal(await valueOf('on call a'), 1)
})

test('rolls back and passes on what the work throws, and the connection is good for the next', async () => {
  const single = new pg.Pool({ connectionString: database.url, max: 1 })
  try {
    const failure = new Error('no')
    const work = transaction(fromPg(single), async (tx) => {
      await getOrCreate(tx, byName, { where: { name: 'rolled back' }, create: { value: 1 } })
      throw failure
    })
    await assert.rejects(work, (error) => error === failure)
    assert.equal(await valueOf('rolled back'), undefined)
    const { created } = await getOrCreate(fromPg(single), byName, {
      where: { name: 'rolled back' },
      create: { value: 2 },
    })
    assert.equal(created, true)
  } finally {
    await single.end()
  }
})

test('gives up after the attempts that were asked for', async () => {
  await pool.query(`insert into counter values ('busy', 0)`)
  let runs = 0
  const work = transaction(
    fromPg(pool),
    async (tx) => {
      runs++
      await tx.client.query(`select * from counter where name = 'busy'`)
      await pool.query(`update counter set value = value + 1 where name = 'busy'`)
      await tx.client.query(`update counter set value = 0 where name = 'busy'`)
    },
    { isolation: 'repeatable read', attempts: 3 },
  )
  await assert.rejects(work, { kind: 'contention', attempts: 3, retryable: true })
  assert.equal(runs, 3)
})

test('does not nest, and says what to do instead', async () => {
  const inner = transaction(fromPg(pool), (tx) => transaction(tx, async () => undefined))
  await assert.rejects(inner, /transaction already.*savepoint/s)
})

test('an error at COMMIT that no repeat can mend comes out as the database says it', async () => {
  await pool.query(`
    create table parent (id integer primary key);
    create table child (id integer primary key references parent deferrable initially deferred)`)
  const work = transaction(fromPg(pool), (tx) => tx.client.query('insert into child values (1)'))
  await assert.rejects(work, { code: '23503' })
})

test('refuses options that make no sense', async () => {
  await assert.rejects(
    transaction(fromPg(pool), async () => 1, { attempts: 0 }),
    /attempts must be/,
  )
  // @ts-expect-error not an isolation level
  const unknown = transaction(fromPg(pool), async () => 1, { isolation: 'snapshot' })
  await assert.rejects(unknown, /Unknown isolation level/)
})
