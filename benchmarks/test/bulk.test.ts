import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import type { TestDatabase } from '@onerow/servers'
import { Pool } from 'pg'
import { allBulkContestants } from '../src/bulk/bulk-contestants.ts'
import { fillItemTable, itemList, newAmong, newLabel } from '../src/bulk/item-list.ts'
import { createItemTable, itemLabel } from '../src/item-table.ts'
import type { Item } from '../src/item-table.ts'

/** More than one chunk of most. */
const length = 2400

test('a list has each key once', () => {
  const names = new Set(Array.from(itemList(length, length), ({ owner, kind }) => `${owner} ${kind}`))
  assert.equal(names.size, length)
  assert.equal(newAmong(length, length, 'half'), length / 2)
})

suite('bulk contestants', async () => {
  let database: TestDatabase
  let pool: Pool
  before(async () => {
    database = await testDatabase({ name: 'bulk' })
    pool = new Pool({ connectionString: database.url, max: 1 })
    await createItemTable(pool)
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })

  for (const { name, updates, open } of await allBulkContestants()) {
    test(`${name} answers each row, and makes those that are missing`, async () => {
      await fillItemTable(pool, length, 'half')
      const rowsOf = async () =>
        (await pool.query<Item>('select id, owner, kind, label from item order by id')).rows
      const before = new Set((await rowsOf()).map(({ id }) => id))
      const label = updates ? newLabel : itemLabel
      const told: { readonly row: Item; readonly created: boolean }[] = []
      const opened = open(database.url)
      try {
        await opened.run(itemList(length, length, label), ({ id, owner, kind, label }, created) =>
          told.push({ row: { id, owner, kind, label }, created }),
        )
      } finally {
        await opened.close()
      }
      const stored = await rowsOf()
      assert.equal(stored.length, length)
      assert.deepEqual(
        told.map(({ row }) => row).toSorted((a, b) => a.id - b.id),
        stored,
      )
      for (const { row, created } of told) assert.equal(created, !before.has(row.id))
      for (const row of stored) assert.equal(row.label, label)
    })
  }
})
