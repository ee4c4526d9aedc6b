import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testGalera } from '@onerow/servers'
import { createPoolCluster } from 'mysql2/promise'
import { getOrCreate, getOrCreateMany, keySql, table, uniqueKey } from 'onerow'
import { mariadb } from 'onerow/mysql'
import { fromMysql2 } from 'onerow/mysql2'
import { openGalera } from '../conformance/open-galera.ts'

// Rows that were deleted a moment ago leave their index entries, and inserts of their keys lock the gaps between them. Then an
// insert on one node, which is certified already, must yield to that of another key on another node, and is replayed; and a
// node that replays an INSERT … RETURNING at its own commit never ends its reply.

const rounds = 60
const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve']
const items = table<{ id: number; name: string }, { name: string }>('item', {
  columns: { id: 'id', name: 'name' },
})
const key = uniqueKey(items, ['name'], { name: 'item_name' })

const galera = await testGalera({ name: 'replayed', settings: { 'wsrep-sync-wait': '15' } })
if (galera) {
  const urls = galera.nodes.map(({ url }) => url)
  after(() => galera.drop())
  const opened = await openGalera(urls.join(' '))
  after(() => opened.close())
  const cluster = createPoolCluster()
  for (const uri of urls) cluster.add({ uri, connectionLimit: 10 })
  after(() => cluster.end())
  const execute = (text: string) => opened.db.execute({ text, values: [] })
  await execute('create table item (id integer auto_increment primary key, name varchar(50) not null)')
  await execute(keySql(key, mariadb).replace(/;$/, ''))

  const tools = {
    mariadb: { ...opened.db, coalesce: false },
    mysql2: fromMysql2(cluster.of('*', 'RR'), { server: 'mariadb', coalesce: false }),
  } as const
  for (const [tool, db] of Object.entries(tools)) {
    test(
      `an insert that gives way to one on another node is answered: ${tool}`,
      { timeout: 60_000 },
      async () => {
        for (let round = 0; round < rounds; round++) {
          await execute('delete from item')
          const results = await Promise.all(
            names.map((name) => getOrCreate(db, key, { where: { name }, create: {} })),
          )
          assert.deepEqual(
            results.map(({ row, created }) => [row.name, created]),
            names.map((name) => [name, true]),
          )
        }
      },
    )

    test(`so are lists: ${tool}`, { timeout: 60_000 }, async () => {
      for (let round = 0; round < rounds; round++) {
        await execute('delete from item')
        const lists = await Promise.all(
          names.map((name) =>
            getOrCreateMany(db, key, [{ where: { name } }, { where: { name: `${name} II` } }]),
          ),
        )
        for (const { created } of lists.flat()) assert.equal(created, true)
      }
    })
  }
} else {
  test('inserts that are replayed', { skip: `Galera is not installed: ${installCommand.mariadb}` })
}
