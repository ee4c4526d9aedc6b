import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { fromTypeOrm } from 'onerow/typeorm'
import { Client } from 'pg'
import { DataSource } from 'typeorm'
import type { DataSourceOptions } from 'typeorm'

class Undone extends Error {}

// A call's own transaction on one connection is nobody else's, by whichever wrapper of the connection the other comes.
test('a call by another wrapper of the same connection is not rolled back with the transaction of the first', async () => {
  const client = new Sqlite(':memory:')
  const tags = sqliteTable('tag', { id: integer().primaryKey(), word: text().notNull(), note: text() })
  const key = uniqueKey(drizzleTable(tags), ['word'], { name: 'tag_word' })
  client.exec(
    "create table tag (id integer primary key, word text not null, note text); insert into tag (word) values ('a')",
  )
  client.exec(keySql(key, fromBetterSqlite3(client).dialect))
  for (const [word, other] of [
    ['by drizzle', () => fromDrizzle(drizzle(client))],
    ['by better-sqlite3', () => fromBetterSqlite3(client)],
  ] as const) {
    const isLocked = Promise.withResolvers<void>()
    const goesOn = Promise.withResolvers<void>()
    const db = other()
    const first = updateOrCreate(fromDrizzle(drizzle(client)), key, {
      where: { word: 'a' },
      create: {},
      async update() {
        isLocked.resolve()
        await goesOn.promise
        throw new Undone()
      },
    })
    await isLocked.promise
    assert.equal(client.inTransaction, true)
    const second = getOrCreate(db, key, { where: { word }, create: {} })
    // SQLite answers at once: by now the second call has done all that nothing keeps it from.
    await new Promise((resolve) => setImmediate(resolve))
    goesOn.resolve()
    await assert.rejects(first, Undone)
    assert.equal((await second).created, true)
    assert.deepEqual(client.prepare('select word from tag where word = ?').all(word), [{ word }])
  }
  client.close()
})

// A subscriber of TypeORM's runs after BEGIN, and what it throws comes out of the call that began the transaction.
const database = await testDatabase({ name: 'shared_connections' })
after(() => database.drop())
const sources: readonly (readonly [string, DataSourceOptions])[] = [
  ['PostgreSQL', { type: 'postgres', url: database.url, extra: { max: 1 } }],
  ['SQLite', { type: 'better-sqlite3', database: ':memory:' }],
]
for (const [engine, options] of sources) {
  test(`typeorm on ${engine}: a transaction that failed after its BEGIN is not left open`, async () => {
    const source = await new DataSource(options).initialize()
    source.subscribers.push({
      afterTransactionStart() {
        source.subscribers.length = 0
        throw new Undone()
      },
    })
    await assert.rejects(
      transaction(fromTypeOrm(source), async () => {}),
      Undone,
    )
    await source.query('create table tag (word text)')
    if (options.type === 'postgres') {
      const client = new Client({ connectionString: database.url })
      await client.connect()
      assert.deepEqual((await client.query('select * from tag')).rows, [])
      await client.end()
    } else {
      // TypeORM's types do not tell that this driver has one connection.
      const { databaseConnection } = source.driver as unknown as { databaseConnection: Sqlite.Database }
      assert.equal(databaseConnection.inTransaction, false)
    }
    await source.destroy()
  })
}
