import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPostgres } from '@onerow/servers'
import { getOrCreate, keySql, table, uniqueKey, updateOrCreate } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

interface Race {
  readonly id: number
  readonly userId: string
  readonly name: string
}

const races = table<Race, Omit<Race, 'id'>>('race', {
  columns: { id: 'id', userId: 'user_id', name: 'name' },
})
const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
const where = { userId: 'c53b8ba212ef4f15b2365e1bb3d524fe' }

/** What the server itself has counted. Its own cluster, where nothing else writes. */
async function counters(client: pg.Client) {
  await client.query('select pg_stat_force_next_flush()')
  const { rows } = await client.query<Record<string, string>>(`
    select pg_current_wal_insert_lsn() as wal,
      (select pg_snapshot_xmax(pg_current_snapshot())) as "nextTransaction",
      (select n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables where relname = 'race') as "rowVersions",
      (select last_value from race_id_seq) as sequence`)
  return rows[0]
}

async function statementsRun(client: pg.Client): Promise<readonly { calls: string; wal: string }[]> {
  const { rows } = await client.query<{ calls: string; wal: string }>(
    `select calls, wal_bytes as wal from pg_stat_statements where query like '%"race"%'`,
  )
  return rows
}

test('a hit is one statement and writes nothing: no WAL, no row version, no sequence value', async () => {
  await using server = await startPostgres({
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      autovacuum: 'off',
      wal_level: 'minimal',
      max_wal_senders: '0',
    },
  })
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  const client = new pg.Client(server.url)
  await client.connect()
  try {
    await client.query('create extension pg_stat_statements')
    await client.query('create table race (id serial primary key, user_id text not null, name text not null)')
    await client.query(keySql(byUser, postgres))
    const calls = {
      getOrCreate: () => getOrCreate(fromPg(pool), byUser, { where, create: { name: 'foo' } }),
      'getOrCreate with a function': () =>
        getOrCreate(fromPg(pool), byUser, { where, create: { name: () => 'foo' } }),
      'updateOrCreate to the same values': () =>
        updateOrCreate(fromPg(pool), byUser, { where, update: { name: 'foo' } }),
    }
    assert.equal((await calls.getOrCreate()).created, true)
    // The first read of a fresh row sets its hint bits, which checksums log; what follows is a hit like any other.
    await calls.getOrCreate()
    for (const [name, call] of Object.entries(calls)) {
      await client.query('select pg_stat_statements_reset()')
      const before = await counters(client)
      for (let count = 0; count < 10; count++) assert.equal((await call()).created, false)
      assert.deepEqual(await counters(client), before, name)
      assert.deepEqual(await statementsRun(client), [{ calls: '10', wal: '0' }], name)
    }
    const before = await counters(client)
    await updateOrCreate(fromPg(pool), byUser, { where, update: { name: 'bar' } })
    assert.notDeepEqual(await counters(client), before, 'the counters do count')
  } finally {
    await pool.end()
    // `end()` resolves before the server has let go of the connections, and stopping it then would be an error on them.
    const others = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
    while ((await client.query(others)).rowCount !== 0);
    await client.end()
  }
})
