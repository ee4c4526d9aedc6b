import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems, createKey } from './items.ts'
import type { ItemKey } from './items.ts'
import { upTo } from './many-verbs.ts'
import { rejectedAs } from './rejected.ts'
import { transaction } from '../transaction.ts'

const call = (db: Database, key: ItemKey, owner: number) =>
  getOrCreate(db, key, { where: { owner, kind: 'a' }, create: { label: 'ours' } })

/** After so many calls in a row that ended in the same way, onerow may send other statements. */
const inARow = 105

/** How the calls before have ended. */
const streaks: readonly (readonly [name: string, call: (db: Database, key: ItemKey) => Promise<void>])[] = [
  [
    'many calls that found their row',
    async (db, key) => {
      await call(db, key, 1)
      for (let n = 0; n < inARow; n++) assert.equal((await call(db, key, 1)).created, false)
    },
  ],
  [
    'many calls that made their row',
    async (db, key) => {
      for (const owner of upTo(inARow)) assert.equal((await call(db, key, owner)).created, true)
    },
  ],
]

async function createCalledItems(engine: Engine, before: (db: Database, key: ItemKey) => Promise<void>) {
  const items = await createItems(engine)
  await before(engine.db, items.key)
  return items
}

export const streakCases: readonly Case[] = streaks.flatMap(([name, before]): readonly Case[] => [
  {
    id: 'G02',
    name: `after ${name}: old rows are found, new ones are made`,
    async run(engine) {
      const { key, rows } = await createCalledItems(engine, before)
      const stored = [...(await rows())]
      for (const owner of [1, 500, 1, 501, 500]) {
        const { row, created } = await call(engine.db, key, owner)
        assert.equal(created, !stored.some((each) => each.owner === owner))
        if (created) stored.push(row)
        assert.deepEqual({ ...row }, { ...stored.find((each) => each.owner === owner) })
      }
      assert.deepEqual(
        (await rows()).map((row) => row.id),
        stored.map((row) => row.id),
      )
    },
  },
  {
    id: 'G01',
    name: `after ${name}: one that finds its row takes no id`,
    needs: ['ids without gaps'],
    async run(engine) {
      const { key } = await createCalledItems(engine, before)
      const { row } = await call(engine.db, key, 500)
      await call(engine.db, key, 1)
      assert.equal((await call(engine.db, key, 501)).row.id, row.id + 1)
    },
  },
  {
    id: 'R01',
    name: `after ${name}: 64 callers at the same time on one fresh key, whether their calls gather or not: one creates it`,
    async run(engine) {
      const { key, rows } = await createCalledItems(engine, before)
      for (const [index, db] of [engine.db, { ...engine.db, coalesce: false as const }].entries()) {
        const results = await Promise.all(Array.from({ length: 64 }, () => call(db, key, 500 + index)))
        assert.equal(results.filter(({ created }) => created).length, 1)
        const ids = (await rows()).flatMap((row) => (row.owner === 500 + index ? [row.id] : []))
        assert.deepEqual([...new Set(results.map(({ row }) => row.id))], ids)
      }
    },
  },
  {
    id: 'C01',
    name: `after ${name}: calls at the same time for rows that are there, for new ones, and for new ones twice: each is told its own`,
    async run(engine) {
      const { key, rows } = await createCalledItems(engine, before)
      const [fresh, twice] = [upTo(20).map((n) => 500 + n), upTo(10).map((n) => 600 + n)]
      const owners = [1, ...fresh, ...twice, 1, ...twice]
      const results = await Promise.all(owners.map((owner) => call(engine.db, key, owner)))
      assert.deepEqual(
        results.map(({ row }) => row.owner),
        owners,
      )
      const makers = results.flatMap(({ row, created }) => (created ? [row.owner] : []))
      assert.deepEqual(
        makers.toSorted((a, b) => a - b),
        [...fresh, ...twice],
      )
      const stored = await rows()
      for (const { row } of results)
        assert.deepEqual({ ...row }, { ...stored.find(({ id }) => id === row.id) })
    },
  },
  {
    id: 'R10',
    name: `after ${name}: the index is dropped: the next call says so; it is made again: all is as before`,
    async run(engine) {
      const { key, name: tableName, rows } = await createCalledItems(engine, before)
      await engine.execute(engine.sql.dropIndex(key.name, tableName))
      const stored = await rows()
      await rejectedAs('key-not-enforced', call(engine.db, key, 1))
      await rejectedAs('key-not-enforced', call(engine.db, key, 500))
      assert.deepEqual(await rows(), stored)
      await createKey(engine, key)
      const ends = []
      for (const owner of [1, 500, 1, 500]) ends.push((await call(engine.db, key, owner)).created)
      assert.deepEqual(ends, [false, true, false, false])
    },
  },
  {
    id: 'R10',
    name: `after ${name}: the index is replaced by the same: nobody notices`,
    async run(engine) {
      const { key, name: tableName, rows } = await createCalledItems(engine, before)
      await engine.execute(engine.sql.dropIndex(key.name, tableName))
      await createKey(engine, key)
      const made = (await rows()).length
      const results = await Promise.all([1, 500, 1, 501, 1].map((owner) => call(engine.db, key, owner)))
      assert.deepEqual(
        results.map(({ created }) => created),
        [false, true, false, true, false],
      )
      assert.equal((await rows()).length, made + 2)
    },
  },
  {
    id: 'R10',
    name: `after ${name}: the index is replaced by one of another name: a transaction does not notice`,
    async run(engine) {
      const { key, name: tableName } = await createCalledItems(engine, before)
      await engine.execute(engine.sql.dropIndex(key.name, tableName))
      await createKey(engine, { ...key, name: `${key.name}_new` })
      const ends = await transaction(engine.db, async (tx) => {
        const [first, second] = [await call(tx, key, 500), await call(tx, key, 500)]
        return [first.created, second.created, (await call(tx, key, 1)).created]
      })
      assert.deepEqual(ends, [true, false, false])
    },
  },
])
