import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems, createItemTable, createKey } from './items.ts'
import type { Item } from './items.ts'
import { rejectedAs, rejectedByTool, said } from './rejected.ts'

const where = { owner: 1, kind: 'a' }

/** The key of items, as one who may leave out what the table requires. */
async function createLaxItems(engine: Engine) {
  const made = await createItems(engine)
  // Only the types differ, so that a wrong call compiles.
  const lax = table<Item, Partial<Item>>(made.name, {
    columns: { id: 'id', owner: 'owner_id', kind: 'kind', label: 'label', note: 'note', amount: 'amount' },
  })
  return { ...made, key: uniqueKey(lax, ['owner', 'kind'], { name: made.key.name }) }
}

/** A parent's table, and one of children, by this foreign key clause. */
async function createChildren(engine: Engine, deferred: string) {
  const { integer } = engine.sql.types
  const name = engine.uniqueName('child')
  await engine.execute(`create table ${name}_parent (id ${integer} not null primary key)`)
  await engine.execute(
    `create table ${name} (code ${integer} not null unique, ` +
      `parent_id ${integer} not null references ${name}_parent (id) ${deferred})`,
  )
  const children = table<{ code: number; parent: number }>(name, {
    columns: { code: 'code', parent: 'parent_id' },
  })
  return {
    key: uniqueKey(children, ['code'], { name: `${name}_code_key` }),
    count: async () => (await engine.execute(`select 1 from ${name}`)).length,
  }
}

export const integrityCases: readonly Case[] = [
  {
    id: 'G04',
    name: "a required column is missing: the data tool's own error, and nothing is written",
    async run(engine) {
      const { key, name, rows } = await createLaxItems(engine)
      const own = await rejectedByTool(engine.execute(`insert into ${name} (owner_id, kind) values (1, 'a')`))
      for (const create of [{ note: 'x' }, () => ({ note: 'x' }), { label: null as unknown as string }]) {
        const error = await rejectedByTool(getOrCreate(engine.db, key, { where, create }))
        // In the words for a NULL or for a value that is missing, which some engines tell apart.
        assert.match(said(error), /label/)
        assert.equal(error.constructor, own.constructor)
      }
      assert.deepEqual(await rows(), [])
    },
  },
  {
    id: 'U04',
    name: "updateOrCreate breaks NOT NULL: the data tool's own error, and nothing is written",
    async run(engine) {
      const { key, name, insertSql, rows } = await createLaxItems(engine)
      const own = await rejectedByTool(engine.execute(`insert into ${name} (owner_id, kind) values (1, 'a')`))
      const update = { label: null as unknown as string }
      const calls = [
        () => updateOrCreate(engine.db, key, { where, update }),
        () => updateOrCreate(engine.db, key, { where, update: { label: () => update.label } }),
        () => updateOrCreate(engine.db, key, { where, update: () => update, create: {} }),
      ]
      for (const there of [false, true]) {
        if (there) await engine.execute(insertSql(where))
        const before = await rows()
        for (const call of calls) {
          const error = await rejectedByTool(call())
          assert.match(said(error), /label/)
          assert.equal(error.constructor, own.constructor)
          assert.deepEqual(await rows(), before)
        }
      }
    },
  },
  {
    id: 'G15',
    name: "a foreign key is broken: the data tool's own error",
    async run(engine) {
      const { key, count } = await createChildren(engine, '')
      for (const create of [{ parent: 404 }, () => ({ parent: 404 })]) {
        const error = await rejectedByTool(getOrCreate(engine.db, key, { where: { code: 1 }, create }))
        assert.match(said(error), /foreign ?key/i)
      }
      assert.equal(await count(), 0)
    },
  },
  {
    id: 'G15',
    name: "a foreign key is checked at commit only: the data tool's own error, there",
    needs: ['deferrable foreign keys'],
    async run(engine) {
      const { key, count } = await createChildren(engine, 'deferrable initially deferred')
      const create = { parent: 404 }
      const call = () => getOrCreate(engine.db, key, { where: { code: 1 }, create })
      assert.match(said(await rejectedByTool(call())), /foreign ?key/i)
      const byFunction = () =>
        updateOrCreate(engine.db, key, { where: { code: 1 }, update: () => ({}), create })
      assert.match(said(await rejectedByTool(byFunction())), /foreign ?key/i)

      const created: boolean[] = []
      const work = transaction(engine.db, async (tx) => {
        created.push((await getOrCreate(tx, key, { where: { code: 1 }, create })).created)
      })
      assert.match(said(await rejectedByTool(work)), /foreign ?key/i)
      assert.deepEqual(created, [true], 'it must come out at commit, once')
      assert.equal(await count(), 0)
    },
  },
  {
    id: 'G16',
    name: 'more than one row has the key: an error that says how many, and what to do',
    async run(engine) {
      const { key, insertSql, rows } = await createItemTable(engine)
      for (let n = 0; n < 3; n++) await engine.execute(insertSql(where))
      const before = await rows()
      const ddl = engine.db.dialect.keySql(key)
      for (const call of [
        () => getOrCreate(engine.db, key, { where, create: { label: 'x' } }),
        () => getOrCreate(engine.db, key, { where, create: () => ({ label: 'x' }) }),
        () => updateOrCreate(engine.db, key, { where, update: { label: 'x' } }),
        () => updateOrCreate(engine.db, key, { where, update: { label: () => 'x' } }),
        () =>
          updateOrCreate(engine.db, key, { where, update: () => ({ label: 'x' }), create: { label: 'x' } }),
      ]) {
        const error = await rejectedAs('duplicate-rows', call())
        assert.equal(error.count, 3)
        assert.match(error.message, /^3 rows /)
        assert.ok(error.message.includes(ddl), error.message)
        assert.deepEqual(await rows(), before)
      }
      await engine.execute(`delete from ${key.table.name} where id > ${before[0]?.id}`)
      await createKey(engine, key)
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      const { row, created } = await getOrCreate(engine.db, key, { where, create: { label: 'x' } })
      assert.deepEqual([created, { ...row }], [false, before[0]])
    },
  },
  {
    id: 'G16',
    name: 'more than one row has the key though an index is there, which does not reach as far as the table',
    needs: ['inherited tables'],
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql(where))
      // No unique index of a table holds for those that inherit from it, and a read of the one reads the others too.
      await engine.execute(`create table ${name}_child () inherits (${name})`)
      await engine.execute(
        `insert into ${name}_child (id, owner_id, kind, label) select n, 1, 'a', 'x' from generate_series(7, 8) as n`,
      )
      const before = await rows()
      for (const call of [
        () => getOrCreate(engine.db, key, { where, create: { label: 'x' } }),
        () => getOrCreate(engine.db, key, { where, create: () => ({ label: 'x' }) }),
        () =>
          updateOrCreate(engine.db, key, { where, update: () => ({ label: 'x' }), create: { label: 'x' } }),
      ]) {
        assert.equal((await rejectedAs('duplicate-rows', call())).count, 3)
        assert.deepEqual(await rows(), before)
      }
    },
  },
  {
    id: 'G18',
    name: 'reads go where writes go, never to a replica',
    needs: ['read replicas'],
    async run(engine) {
      const { key } = await createItems(engine)
      const { db } = await engine.open({ unreachableReplica: true })
      const call = () => getOrCreate(db, key, { where, create: () => ({ label: 'x' }) })
      assert.deepEqual([(await call()).created, (await call()).created], [true, false])
      const updated = await updateOrCreate(db, key, { where, update: { label: () => 'y' } })
      assert.equal(updated.outcome, 'updated')
      assert.deepEqual(await verifyKeys(db, [key]), [])
    },
  },
]
