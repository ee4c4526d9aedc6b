import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { exactlyOneRow, explore, replay } from '@onerow/race'
import { pgSessions } from '@onerow/race/pg'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

const database = await testDatabase({ name: 'race_pg' })
const pool = new pg.Pool({ connectionString: database.url })
await pool.query('create table race (user_id text not null, name text not null)')

after(async () => {
  await pool.end()
  await database.drop()
})

const userId = 'c53b8ba212ef4f15b2365e1bb3d524fe'

/** As many frameworks have done it: read, then write. */
async function getOrCreateNaively(): Promise<unknown> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query('select * from race where user_id = $1', [userId])
    if (rows.length === 0)
      await client.query('insert into race (user_id, name) values ($1, $2)', [userId, 'foo'])
    await client.query('commit')
    return rows[0]
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const options = {
  sessions: pgSessions(pg, { connectionString: database.url }),
  setup: () => pool.query('truncate race'),
  actors: { first: getOrCreateNaively, second: getOrCreateNaively },
  invariant: exactlyOneRow(() => pool.query('select * from race')),
}

test('two that read and then write, in all 70 orders: 60 make two rows', async () => {
  const report = await explore({ ...options, reduction: 'none' })
  console.log(String(report), report.schedules / report.seconds)
  assert.deepEqual([report.schedules, report.violations.length, report.isExhaustive], [70, 60, true])
})

test('reduced, the same verdict', async () => {
  const report = await explore(options)
  console.log(String(report))
  assert.ok(report.violations.length > 0)
})

test('a violating schedule, replayed ten times, violates ten times', async () => {
  const [violation] = (await explore(options)).violations
  assert.ok(violation)
  for (let time = 0; time < 10; time++) {
    const { violations, surprises } = await replay(options, violation.replay)
    assert.deepEqual([violations.length, violations[0]?.replay, surprises], [1, violation.replay, []])
  }
})

test('a statement of onerow whose connection is cut after it ends in an error, though it is done', async () => {
  const races = table<{ userId: string; name: string }>('race', {
    columns: { userId: 'user_id', name: 'name' },
  })
  const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
  await pool.query('truncate race')
  await pool.query(keySql(byUser, postgres))
  const create = () => getOrCreate(fromPg(pool), byUser, { where: { userId }, create: { name: 'foo' } })
  const { violations, surprises } = await replay(
    { ...options, actors: { first: () => assert.rejects(create) } },
    'first:cut-after',
  )
  assert.deepEqual([violations, surprises], [[], []])
  assert.equal((await create()).created, false)
  await pool.query('drop index race_user_id')
})

test('options that would explore nothing, or that there are not, are refused', async () => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ limit: 0 }, /limit must be a whole number from 1 up; got 0/],
    [{ samples: Number.NaN }, /samples must be/],
    [{ mostFaults: -1 }, /mostFaults must be/],
    [{ patience: 0.5 }, /patience must be/],
    [{ seed: 1.5 }, /seed must be a whole number/],
    [{ reduction: 'dpor' }, /reduction is "none" or "sleep sets"; got "dpor"/],
    [{ faults: ['explode'] }, /There is no fault "explode"; there are rollback/],
    [{ actors: {} }, /There are no actors/],
  ]
  for (const [changes, message] of wrong) await assert.rejects(explore({ ...options, ...changes }), message)
})
