import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { explore, noErrors } from '@onerow/race'
import type { ExploreOptions, Run } from '@onerow/race'
import { mysql2Sessions } from '@onerow/race/mysql2'
import { pgSessions } from '@onerow/race/pg'
import { testDatabase, testMariadb } from '@onerow/servers'
import * as mysql2 from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import pg from 'pg'
import { inTransaction } from './in-transaction.ts'
import { getOrCreate, getOrCreateMany } from './seeded/get-or-create.ts'
import type { Bug } from './seeded/get-or-create.ts'
import { mariadbRows } from './seeded/mariadb-rows.ts'
import { postgresRows } from './seeded/postgres-rows.ts'

// Bugs of which each has been made before, in a copy of onerow's own loop: the explorer must find each of them, each time.

/** Whatever the order: nobody gets an error, and each gets the row that is there. */
function eachGetsTheRow(readIds: () => Promise<readonly number[]>) {
  return async ({ endings }: Run) => {
    const ids = await readIds()
    for (const [actor, ending] of endings) {
      if ('error' in ending) throw new Error(`${actor} got: ${String(ending.error)}`)
      assert.deepEqual(
        [ending.value],
        ids,
        `${actor} got ${String(ending.value)}, and there is ${ids.join()}`,
      )
    }
  }
}

function seededBug(bug: Bug, on: string, optionsWith: (bug?: Bug) => ExploreOptions): void {
  test(`${bug}, ${on}: found three times out of three`, async () => {
    for (let time = 0; time < 3; time++) {
      const { violations, isExhaustive } = await explore(optionsWith(bug))
      assert.ok(isExhaustive)
      assert.ok(violations.length > 0)
    }
  })

  test(`${bug}, ${on}: without it, every schedule ends well`, async () => {
    const { violations, isExhaustive } = await explore(optionsWith())
    assert.ok(isExhaustive)
    assert.deepEqual(
      violations.map(({ replay }) => replay),
      [],
    )
  })
}

const database = await testDatabase({ name: 'race_seeded' })
// Who has waited for so long looks whether it is in a ring, and then gives up: by default a second.
const connectionString = `${database.url}?options=-c%20deadlock_timeout%3D10ms`
const pgPool = new pg.Pool({ connectionString })
await pgPool.query(
  'create table race (id integer generated always as identity primary key, user_id integer not null unique)',
)

after(async () => {
  await pgPool.end()
  await database.drop()
})

const onPostgres = {
  sessions: pgSessions(pg, { connectionString }),
  setup: () => pgPool.query('truncate race restart identity'),
}

seededBug('no re-read', 'PostgreSQL', (bug) => {
  const caller = () => inTransaction(pgPool, (client) => getOrCreate(postgresRows(client, 7), bug))
  return {
    ...onPostgres,
    actors: { first: caller, second: caller },
    invariant: eachGetsTheRow(async () => {
      const { rows } = await pgPool.query<{ id: number }>('select id from race')
      return rows.map(({ id }) => id)
    }),
  }
})

seededBug('unsorted list', 'PostgreSQL', (bug) => {
  const caller = (userIds: readonly number[]) => () =>
    inTransaction(pgPool, (client) => getOrCreateMany(userIds, (userId) => postgresRows(client, userId), bug))
  return {
    ...onPostgres,
    actors: { first: caller([7, 8]), second: caller([8, 7]) },
    invariant: noErrors,
  }
})

const mariadb = await testMariadb({ name: 'race_seeded' })
if (mariadb) {
  const { url: uri } = mariadb
  const pool = mysql2.createPool({ uri })
  await pool.query(
    'create table race (id integer auto_increment primary key, user_id integer not null, unique race_user_id (user_id))',
  )
  after(async () => {
    await pool.end()
    await mariadb.drop()
  })

  const inMariadbTransaction = async <Result>(
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> => {
    const connection = await pool.getConnection()
    try {
      await connection.query('set transaction isolation level repeatable read')
      await connection.query('start transaction')
      const result = await work(connection)
      await connection.query('commit')
      return result
    } catch (error) {
      await connection.query('rollback')
      throw error
    } finally {
      connection.release()
    }
  }

  for (const bug of ['no re-read', 'plain re-read'] as const)
    seededBug(bug, 'MariaDB', (made) => {
      const caller = () =>
        inMariadbTransaction((connection) => getOrCreate(mariadbRows(connection, 7, made), made))
      return {
        sessions: mysql2Sessions(mysql2, { uri }),
        setup: () => pool.query('truncate race'),
        actors: { first: caller, second: caller },
        invariant: eachGetsTheRow(async () => {
          const [rows] = await pool.query<RowDataPacket[]>('select id from race')
          return rows.map(({ id }) => Number(id))
        }),
      }
    })
} else {
  test('MariaDB', { skip: 'MariaDB is not installed: apt-get install mariadb-server' }, () => {})
}
