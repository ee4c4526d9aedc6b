import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as mariadb from 'mariadb'
import * as mysql2 from 'mysql2/promise'

import { testMariadb } from '../src/index.ts'
import { withMariadb } from './with-engine.ts'

test('gives each test a database of its own, in utf8mb4, to either driver', withMariadb, async () => {
  await using one = await testMariadb({ name: 'one' })
  await using two = await testMariadb({ name: 'one' })
  assert.ok(one && two)
  assert.match(two.url, /\/one_[0-9a-f]{8}$/)
  const first = await mysql2.createConnection(one.url)
  const second = await mariadb.createConnection(two.url)
  for (const query of ['create table t (name varchar(20))', "insert into t values ('🐘')"]) {
    await first.query(query)
    await second.query(query)
  }
  const [row] = await second.query<readonly object[]>('select name, @@collation_database as collation from t')
  assert.deepEqual(row, { name: '🐘', collation: 'utf8mb4_general_ci' })
  await first.end()
  await second.end()
})

test('drops a database under an open transaction', withMariadb, async () => {
  const database = await testMariadb()
  assert.ok(database)
  const { host, port, user, password } = database
  const connection = await mariadb.createConnection(database.url)
  connection.on('error', () => {})
  await connection.query('create table t (id int primary key)')
  await connection.beginTransaction()
  await connection.query('insert into t values (1)')
  await database.drop()
  await assert.rejects(connection.query('select 1'))
  await assert.rejects(mariadb.createConnection({ host, port, user, password, database: database.database }))
})
