import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import type { TestMariadb } from '@onerow/servers'
import { mariadbSessions } from '@onerow/race/mariadb'
import mariadb from 'mariadb'
import type { Pool, PoolConnection } from 'mariadb'
import { driverTests } from './driver-tests.ts'
import type { Driver } from './driver-tests.ts'
import { tables } from './tables.ts'

/** What `require` gives is another copy of it. */
const required = createRequire(import.meta.url)('mariadb') as typeof mariadb

const database = await testMariadb({ name: 'race_gates_mariadb' })
if (!database) test('mariadb', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
else
  for (const [name, module] of Object.entries({ mariadb, 'mariadb, as require gives it': required }))
    await testModule(name, module, database)
after(() => database?.drop())

async function testModule(name: string, module: typeof mariadb, database: TestMariadb): Promise<void> {
  const { host, port, user, password } = database
  const options = { host, port, user, password, database: database.database }
  const pool = module.createPool({ ...options, connectionLimit: 4, multipleStatements: true })
  const poolOfOne = module.createPool({ ...options, connectionLimit: 1 })
  if (module === mariadb) await pool.query(tables)
  const connection = await pool.getConnection()
  const gated = Object.getPrototypeOf(connection) as object
  await connection.release()

  after(async () => {
    await pool.end()
    await poolOfOne.end()
  })

  async function onConnection<Result>(
    work: (connection: PoolConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await pool.getConnection()
    try {
      return await work(connection)
    } finally {
      await connection.release()
    }
  }

  driverTests({
    name,
    sessions: mariadbSessions(module, options),
    query: queryOn(pool),
    transaction: transactionOn(pool),
    transactionOfOne: transactionOn(poolOfOne),
    forms: {
      'pool.query': { run: (text) => pool.query(text) },
      'pool.execute': { run: (text) => pool.execute(`${text} where name = ?`, ['foo']) },
      'pool.batch': { run: (text) => pool.batch(changing(text), [['foo']]) },
      'connection.query': { run: (text) => onConnection((connection) => connection.query({ sql: text })) },
      'connection.execute': { run: (text) => onConnection((connection) => connection.execute(text)) },
      'connection.batch': {
        run: (text) => onConnection((connection) => connection.batch(changing(text), [['foo']])),
      },
      'connection.prepare': {
        run: (text) =>
          onConnection(async (connection) => {
            const statement = await connection.prepare(`${text} where name = ?`)
            await statement.execute(['foo'])
            statement.close()
          }),
      },
      'a stream of what was prepared': {
        run: (text) =>
          onConnection(async (connection) => {
            const statement = await connection.prepare(text)
            await statement.executeStream([]).toArray()
            statement.close()
          }),
      },
      'a stream': {
        run: (text) =>
          onConnection(async (connection) => {
            const stream = connection.queryStream(`select 0 from account union all ${text}`)
            return await stream.toArray()
          }),
      },
      'two statements at once': {
        run: (text) =>
          onConnection((connection) => Promise.all([connection.execute(text), connection.query(text)])),
        steps: 2,
      },
      'a pool of one': { run: (text) => poolOfOne.query(text) },
      'a savepoint': {
        run: (text) =>
          onConnection(async (connection) => {
            await connection.beginTransaction()
            await connection.query('savepoint here')
            await connection.query(text)
            await connection.query('rollback to savepoint here')
            await connection.rollback()
          }),
        steps: 5,
      },
    },
    gates: [
      [gated, 'query'],
      [gated, 'commit'],
      [Object.getPrototypeOf(pool), 'query'],
    ],
    deadlock: 'ER_LOCK_DEADLOCK',
    killed: 'ER_QUERY_INTERRUPTED',
  })
}

/** Lists of values are for statements that change something. */
function changing(text: string): string {
  return `delete from race where name = ? and name in (${text})`
}

/** What is no list of rows says what was changed. */
function queryOn(connection: Pick<Pool, 'query'>): Driver['query'] {
  return async (text) => {
    const rows: unknown = await connection.query(text)
    return Array.isArray(rows) ? rows : []
  }
}

function transactionOn(pool: Pool): Driver['transaction'] {
  return async (work) => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      const result = await work(queryOn(connection))
      await connection.commit()
      return result
    } catch (error) {
      await connection.rollback().catch(() => {})
      throw error
    } finally {
      await connection.release()
    }
  }
}
