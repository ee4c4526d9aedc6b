import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { replay } from '@onerow/race'
import type { Run } from '@onerow/race'
import { pgSessions } from '@onerow/race/pg'
import pg from 'pg'
import { driverTests } from './driver-tests.ts'
import type { Driver } from './driver-tests.ts'
import { tables } from './tables.ts'

/** `pg-cursor` brings no types. */
const Cursor = createRequire(import.meta.url)('pg-cursor') as new (text: string) => pg.Submittable & {
  read(rows: number): Promise<unknown>
  close(): Promise<void>
}

const database = await testDatabase({ name: 'race_gates_pg' })
const pool = new pg.Pool({ connectionString: database.url })
const poolOfOne = new pg.Pool({ connectionString: database.url, max: 1 })
// Whoever does not listen ends when a connection does.
for (const each of [pool, poolOfOne]) each.on('error', () => {})
await pool.query(tables)
await pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set deadlock_timeout = '20ms'`)
await pool.query(`delete from race`)

after(async () => {
  await pool.end()
  await poolOfOne.end()
  await database.drop()
})

function transactionOn(pool: pg.Pool): Driver['transaction'] {
  return async (work) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const result = await work(async (text) => (await client.query<object>(text)).rows)
      await client.query('commit')
      client.release()
      return result
    } catch (error) {
      await client.query('rollback').then(
        () => client.release(),
        (lost: Error) => client.release(lost),
      )
      throw error
    }
  }
}

/** Calls back, where a promise would be awaited. */
function calledBack(call: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

async function onClient<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

driverTests({
  name: 'pg',
  sessions: pgSessions(pg, { connectionString: database.url }),
  query: async (text) => (await pool.query<object>(text)).rows,
  transaction: transactionOn(pool),
  transactionOfOne: transactionOn(poolOfOne),
  forms: {
    'pool.query': { run: (text) => pool.query(text) },
    'pool.query with a callback': { run: (text) => calledBack((done) => pool.query(text, done)) },
    'client.query': { run: (text) => onClient((client) => client.query(text)) },
    'client.query of a named statement': {
      run: (text) =>
        onClient((client) => client.query({ text: `${text} where name = $1`, values: ['foo'], name: text })),
    },
    'client.query with a callback, and another in it': {
      run: (text) =>
        onClient((client) =>
          calledBack((done) => {
            client.query(text, (error) => (error ? done(error) : client.query(text, [], done)))
          }),
        ),
      steps: 2,
    },
    'pool.connect with a callback, of a pool of one': {
      run: (text) =>
        calledBack((done) => {
          poolOfOne.connect((error, client, release) => {
            if (!client) return done(error)
            client.query(text, (wrong) => {
              release()
              done(wrong)
            })
          })
        }),
    },
    'two statements at once': {
      run: (text) => onClient((client) => Promise.all([client.query(text), client.query(text)])),
      steps: 2,
    },
    'a cursor': {
      run: (text) =>
        onClient(async (client) => {
          const cursor = client.query(new Cursor(text))
          await cursor.read(10)
          await cursor.close()
        }),
    },
    'a savepoint': {
      run: (text) =>
        onClient(async (client) => {
          await client.query('begin')
          await client.query('savepoint here')
          await client.query(text)
          await client.query('rollback to savepoint here')
          await client.query('commit')
        }),
      steps: 5,
    },
  },
  gates: [
    [pg.Client.prototype, 'query'],
    [pg.Pool.prototype, 'connect'],
  ],
  deadlock: '40P01',
  killed: '57014',
})

test('who is told that the connection is lost does not get it again from the pool', async () => {
  let last: Run | undefined
  const actors = {
    first: async () => {
      // Given back as if nothing were wrong with it: the pool looks whether the client can still be used.
      await onClient((client) => client.query('delete from race').catch(() => {}))
      await pool.query('select * from race')
    },
  }
  const options = {
    sessions: pgSessions(pg, { connectionString: database.url }),
    setup: () => {},
    actors,
    invariant: (run: Run) => {
      last = run
    },
  }
  await replay(options, 'first:cut-after first')
  const ending = last?.endings.get('first')
  assert.ok(ending && 'value' in ending)
})
