import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import type { TestMariadb } from '@onerow/servers'
import { mariadbSessions } from '@onerow/race/mariadb'
import mariadb from 'mariadb/callback'
import type { Connection, Pool, PoolConnection } from 'mariadb/callback'
import { driverTests } from './driver-tests.ts'
import type { Driver } from './driver-tests.ts'
import { promised } from './promised.ts'
import type { Done } from './promised.ts'
import { tables } from './tables.ts'

/** What `require` gives is another copy of it. */
const required = createRequire(import.meta.url)('mariadb/callback') as typeof mariadb

const database = await testMariadb({ name: 'race_gates_callback' })
if (!database) test('mariadb/callback', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
else
  for (const [name, module] of Object.entries({
    'mariadb/callback': mariadb,
    'mariadb/callback, as require gives it': required,
  }))
    await testModule(name, module, database)
after(() => database?.drop())

async function testModule(name: string, module: typeof mariadb, database: TestMariadb): Promise<void> {
  const { host, port, user, password } = database
  const options = { host, port, user, password, database: database.database }
  const pool = module.createPool({ ...options, connectionLimit: 4, multipleStatements: true })
  const poolOfOne = module.createPool({ ...options, connectionLimit: 1 })
  if (module === mariadb) await promised((done) => pool.query(tables, done))
  const gated = await onConnection(pool, async (connection) => Object.getPrototypeOf(connection) as object)

  after(async () => {
    await promised((done) => pool.end(done))
    await promised((done) => poolOfOne.end(done))
  })

  driverTests({
    name,
    sessions: mariadbSessions(module, options),
    query: queryOn(pool),
    transaction: transactionOn(pool),
    transactionOfOne: transactionOn(poolOfOne),
    forms: {
      'pool.query': { run: (text) => promised((done) => pool.query(text, done)) },
      'pool.execute': {
        run: (text) => promised((done) => pool.execute(`${text} where name = ?`, ['foo'], done)),
      },
      'pool.batch': { run: (text) => promised((done) => pool.batch(changing(text), [['foo']], done)) },
      'connection.query': { run: (text) => on(pool, (connection, done) => connection.query(text, done)) },
      'connection.execute': { run: (text) => on(pool, (connection, done) => connection.execute(text, done)) },
      'connection.batch': {
        run: (text) => on(pool, (connection, done) => connection.batch(changing(text), [['foo']], done)),
      },
      'connection.prepare': {
        run: (text) =>
          on(pool, (connection, done) =>
            connection.prepare(text, (error, statement) => {
              if (error) done(error)
              else statement?.execute([], done)
            }),
          ),
      },
      'events, and a statement in them': {
        run: (text) =>
          on(pool, (connection, done) => {
            query(connection, text)
              .on('error', done)
              .on('end', () => connection.query(text, done))
          }),
        steps: 2,
      },
      'a stream': {
        run: (text) =>
          onConnection(pool, (connection) =>
            connection.queryStream(`select 0 from account union all ${text}`).toArray(),
          ),
      },
      'two statements at once': {
        run: (text) =>
          onConnection(pool, (connection) =>
            Promise.all([
              promised((done) => connection.execute(text, done)),
              promised((done) => connection.query(text, done)),
            ]),
          ),
        steps: 2,
      },
      'a pool of one': { run: (text) => promised((done) => poolOfOne.query(text, done)) },
      'a savepoint': {
        run: (text) =>
          onConnection(pool, async (connection) => {
            await promised((done) => connection.beginTransaction(done))
            for (const each of ['savepoint here', text, 'rollback to savepoint here'])
              await promised((done) => connection.query(each, done))
            await promised((done) => connection.rollback(done))
          }),
        steps: 5,
      },
    },
    gates: [
      [gated, 'execute'],
      [gated, 'commit'],
      [Object.getPrototypeOf(pool), 'query'],
    ],
    deadlock: 'ER_LOCK_DEADLOCK',
    killed: 'ER_QUERY_INTERRUPTED',
  })
}

/** As its documentation shows it; its types ask for a callback, and tell nothing of events. */
function query(connection: object, text: string): EventEmitter {
  return (connection as { query(text: string): EventEmitter }).query(text)
}

/** Lists of values are for statements that change something. */
function changing(text: string): string {
  return `delete from race where name = ? and name in (${text})`
}

async function onConnection<Result>(
  pool: Pool,
  work: (connection: PoolConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await promised<PoolConnection>((done) => pool.getConnection(done))
  if (!connection) throw new Error('There is no connection.')
  try {
    return await work(connection)
  } finally {
    connection.release(() => {})
  }
}

const on = (pool: Pool, work: (connection: Connection, done: Done<unknown>) => void) =>
  onConnection(pool, (connection) => promised((done) => work(connection, done)))

/** What is no list of rows says what was changed. */
function queryOn(connection: Pick<Pool, 'query'>): Driver['query'] {
  return async (text) => {
    const rows = await promised<unknown>((done) => connection.query(text, done))
    return Array.isArray(rows) ? rows : []
  }
}

function transactionOn(pool: Pool): Driver['transaction'] {
  return (work) =>
    onConnection(pool, async (connection) => {
      try {
        await promised((done) => connection.beginTransaction(done))
        const result = await work(queryOn(connection))
        await promised((done) => connection.commit(done))
        return result
      } catch (error) {
        await promised((done) => connection.rollback(done)).catch(() => {})
        throw error
      }
    })
}
