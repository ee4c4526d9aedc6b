import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import {
  createUnique,
  getOrCreate,
  keySql,
  lower,
  table,
  transaction,
  uniqueKey,
  updateOrCreate,
} from 'onerow'
import type { Database } from 'onerow'
import { mariadb } from 'onerow/mysql'
import { openMariadb } from '../conformance/open-mariadb.ts'
import { rejectedAs } from '../../src/conformance/rejected.ts'
import { watched } from '../../src/conformance/watched.ts'

// A Galera node that gives up a transaction while it prepares a SELECT says nothing of it. Here the transaction is ended
// behind onerow's back just before a statement, which is the same to onerow, and happens each time.

const items = table<{ id: number; name: string; n: number }, { name: string; n?: number }>('item', {
  columns: { id: 'id', name: 'name', n: 'n' },
})
const keys = {
  column: uniqueKey(items, ['name'], { name: 'item_name' }),
  expression: uniqueKey(items, [lower('name')], { name: 'item_lower_name' }),
}
type Key = (typeof keys)['column']

const calls: Readonly<Record<string, (db: Database, key: Key, name: string) => Promise<unknown>>> = {
  getOrCreate: (db, key, name) => getOrCreate(db, key, { where: { name }, create: { n: 1 } }),
  createUnique: (db, key, name) => createUnique(db, key, { where: { name }, create: { n: 1 } }),
  'updateOrCreate by values': (db, key, name) =>
    updateOrCreate(db, key, { where: { name }, update: { n: 5 }, create: {} }),
  'updateOrCreate by function': (db, key, name) =>
    updateOrCreate(db, key, { where: { name }, update: ({ n }) => ({ n: n + 1 }), create: { n: 1 } }),
}

const database = await testMariadb({ name: 'silent_abort' })
if (database) {
  const { session, close } = await openMariadb(database.url)
  const { db, execute, close: end } = await session()
  const { execute: look, close: endLook } = await session()
  after(async () => {
    await end()
    await endLook()
    await close()
    await database.drop()
  })
  await execute(
    'create table item (id integer auto_increment primary key, name varchar(50) not null, n integer not null)',
  )
  await execute('create table diary (entry varchar(50) not null)')
  for (const key of Object.values(keys)) await execute(keySql(key, mariadb).replace(/;$/, ''))

  for (const [kind, key] of Object.entries(keys))
    for (const [name, call] of Object.entries(calls))
      for (const there of [true, false])
        test(`the server ends the caller's transaction in silence: ${name}, by ${kind}, the row is ${there ? 'there' : 'not there'}`, async () => {
          for (let silent = 0; ; silent++) {
            await execute('delete from item')
            if (there) await execute("insert into item (name, n) values ('a', 7)")
            await call(db, key, 'warm')
            const before = await look('select name, n from item order by name')
            await execute('start transaction')
            await execute("insert into diary values ('of the transaction')")
            // Only a SELECT is prepared in silence.
            let reads = 0
            let ended = false
            const ending = watched(db, {
              before: async (text) => {
                if (!text.startsWith('select') || reads++ !== silent) return
                ended = true
                await execute('rollback')
              },
            })
            const work = call(ending, key, 'a').catch((error: unknown) => error)
            const outcome = await work
            if (!ended) {
              await execute('rollback')
              assert.ok(silent > 0, 'the call reads at least once')
              return
            }
            await rejectedAs('retry-transaction', Promise.reject(outcome as Error))
            assert.deepEqual(await look('select name, n from item order by name'), before)
          }
        })

  test('transaction() runs the work again', async () => {
    let runs = 0
    const result = await transaction(db, async (tx) => {
      await tx.execute({ text: "insert into diary values ('again')", values: [] })
      if (++runs === 1) await execute('rollback')
      return updateOrCreate(tx, keys.column, {
        where: { name: 'b' },
        update: () => ({ n: 1 }),
        create: { n: 0 },
      })
    })
    assert.deepEqual([runs, result.outcome], [2, 'created'])
    assert.equal((await look("select * from diary where entry = 'again'")).length, 1)
  })
} else {
  test('a transaction that the server ends in silence', {
    skip: `MariaDB is not installed: ${installCommand.mariadb}`,
  })
}
