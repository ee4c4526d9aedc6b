import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { mysql2Sessions } from '@onerow/race/mysql2'
import mysql2 from 'mysql2'
import promised from 'mysql2/promise'
import { driverTests } from './driver-tests.ts'
import type { Driver } from './driver-tests.ts'
import { tables } from './tables.ts'

const database = await testMariadb({ name: 'race_gates_mysql2' })
if (!database) test('mysql2', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
else await testMysql2(database.url)

async function testMysql2(uri: string): Promise<void> {
  const pool = mysql2.createPool({ uri, multipleStatements: true })
  const poolOfOne = mysql2.createPool({ uri, connectionLimit: 1 })
  const [promises, promisesOfOne] = [pool.promise(), poolOfOne.promise()]
  await promises.query(tables)

  after(async () => {
    await promises.end()
    await promisesOfOne.end()
    await database?.drop()
  })

  const forms: Driver['forms'] = {
    'pool.query': { run: (text) => promises.query(text) },
    'pool.query with a callback': { run: (text) => calledBack((done) => pool.query(text, done)) },
    'pool.execute': { run: (text) => promises.execute(`${text} where name = ?`, ['foo']) },
    'pool.execute with a callback': { run: (text) => calledBack((done) => pool.execute(text, done)) },
    'connection.query': { run: (text) => onConnection((connection) => connection.query(text)) },
    'connection.execute': { run: (text) => onConnection((connection) => connection.execute(text)) },
    'connection.prepare': {
      run: (text) =>
        onConnection(async (connection) => {
          const statement = await connection.prepare(text)
          await statement.execute([])
        }),
    },
    'two statements at once': {
      run: (text) =>
        onConnection((connection) => Promise.all([connection.execute(text), connection.query(text)])),
      steps: 2,
    },
    'events, and a statement in them': {
      run: (text) =>
        calledBack((done) => {
          const query = pool.query(text)
          query.on('error', done)
          query.on('end', () => pool.query(text, done))
        }),
      steps: 2,
    },
    'a stream': {
      run: (text) => {
        const stream = pool.query(`select 0 from account union all ${text}`).stream()
        return stream.toArray()
      },
    },
    'pool.getConnection with a callback, of a pool of one': {
      run: (text) =>
        calledBack((done) => {
          poolOfOne.getConnection((error, connection) => {
            if (error) return done(error)
            connection.query(text, (wrong) => {
              connection.release()
              done(wrong)
            })
          })
        }),
    },
    'query and end': {
      run: (text) =>
        calledBack((done) => {
          const connection = mysql2.createConnection(uri)
          connection.query(text, done)
          connection.end()
        }),
    },
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
  }

  async function onConnection<Result>(
    work: (connection: promised.PoolConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await promises.getConnection()
    try {
      return await work(connection)
    } finally {
      connection.release()
    }
  }

  for (const [name, module] of Object.entries({ mysql2, 'mysql2/promise': promised })) {
    driverTests({
      name,
      sessions: mysql2Sessions(module, { uri }),
      query: queryOn(promises),
      transaction: transactionOn(promises),
      transactionOfOne: transactionOn(promisesOfOne),
      forms: module === mysql2 ? forms : {},
      gates: [
        [mysql2.Connection.prototype, 'addCommand'],
        [Object.getPrototypeOf(pool) as object, 'getConnection'],
      ],
      deadlock: 'ER_LOCK_DEADLOCK',
      killed: 'ER_QUERY_INTERRUPTED',
    })
  }
}

/** What is no list of rows says what was changed. */
function queryOn(connection: Pick<promised.Pool, 'query'>): Driver['query'] {
  return async (text) => {
    const [rows] = await connection.query(text)
    return Array.isArray(rows) ? rows : []
  }
}

function transactionOn(pool: promised.Pool): Driver['transaction'] {
  return async (work) => {
    const connection = await pool.getConnection()
    try {
      await connection.beginTransaction()
      const result = await work(queryOn(connection))
      await connection.commit()
      connection.release()
      return result
    } catch (error) {
      await connection.rollback().then(
        () => connection.release(),
        () => connection.destroy(),
      )
      throw error
    }
  }
}

/** Calls back, where a promise would be awaited. */
function calledBack(call: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
