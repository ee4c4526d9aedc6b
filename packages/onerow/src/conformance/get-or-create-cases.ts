import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import { createItems, createKey } from './items.ts'
import { createLoggedItems } from './logged-items.ts'

const where = { owner: 1, kind: 'a' }

export const getOrCreateCases: readonly Case[] = [
  {
    id: 'G01',
    name: 'a row matches: it is given as stored, and nothing is added',
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql({ ...where, label: 'first' }))
      await engine.execute(insertSql({ owner: 2 }))
      const before = await rows()
      const { row, created } = await getOrCreate(engine.db, key, {
        where,
        create: { label: 'second', note: 'new', amount: 7 },
      })
      assert.equal(created, false)
      assert.deepEqual({ ...row }, before[0])
      assert.deepEqual(await rows(), before)
    },
  },
  {
    id: 'G01',
    name: 'a row matches: nothing is written, and no trigger runs',
    async run(engine) {
      const { key, rows, version, updates } = await createLoggedItems(engine)
      const [stored] = await rows()
      const before = await version()
      for (const create of [{ label: 'x' }, () => ({ label: 'x' }), { label: 'stored' }]) {
        const { row, created } = await getOrCreate(engine.db, key, { where, create })
        assert.deepEqual([created, { ...row }], [false, stored])
      }
      assert.deepEqual(await version(), before)
      assert.equal(await updates(), 0)
    },
  },
  {
    id: 'G01',
    name: 'a row matches: no id is used up',
    needs: ['ids without gaps'],
    async run(engine) {
      const { key } = await createItems(engine)
      const call = (owner: number) =>
        getOrCreate(engine.db, key, { where: { owner, kind: 'a' }, create: { label: 'x' } })
      const { row } = await call(1)
      for (let n = 0; n < 3; n++) await call(1)
      assert.equal((await call(2)).row.id, row.id + 1)
    },
  },
  {
    id: 'G02',
    name: 'none matches: one row is added, from where and create',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { row, created } = await getOrCreate(engine.db, key, { where, create: { label: 'x', amount: 7 } })
      assert.equal(created, true)
      assert.deepEqual({ ...row }, { id: row.id, owner: 1, kind: 'a', label: 'x', note: null, amount: 7 })
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  {
    id: 'G03',
    name: 'the same call twice: the second finds the row of the first',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const call = () => getOrCreate(engine.db, key, { where, create: { label: 'x' } })
      const [first, second] = [await call(), await call()]
      assert.deepEqual([first.created, second.created], [true, false])
      assert.deepEqual(second.row, first.row)
      assert.equal((await rows()).length, 1)
    },
  },
  {
    id: 'G05',
    name: 'a primary key is a key like any other',
    async run(engine) {
      const { id, text } = engine.sql.types
      const name = engine.uniqueName('primary')
      await engine.execute(`create table ${name} (id ${id}, label ${text} not null)`)
      const things = table<{ id: number; label: string }>(name, {
        columns: { id: 'id', label: 'label' },
        primaryKey: ['id'],
      })
      const key = uniqueKey(things, ['id'], { name: `${name}_pkey` })
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      const call = (label: string) => getOrCreate(engine.db, key, { where: { id: 7 }, create: { label } })
      const [first, second] = [await call('x'), await call('y')]
      assert.deepEqual([first.created, { ...first.row }], [true, { id: 7, label: 'x' }])
      assert.deepEqual([second.created, { ...second.row }], [false, { id: 7, label: 'x' }])
    },
  },
  {
    id: 'G05',
    name: 'a primary key of several columns, with values that the database does not give',
    async run(engine) {
      const { integer, text } = engine.sql.types
      const name = engine.uniqueName('primary')
      await engine.execute(
        `create table ${name} (code ${text} not null, part ${integer} not null, primary key (code, part))`,
      )
      const things = table<{ code: string; part: number }>(name, { columns: { code: 'code', part: 'part' } })
      // In another order than the table has them.
      const key = uniqueKey(things, ['part', 'code'], { name: `${name}_pkey` })
      assert.deepEqual(await verifyKeys(engine.db, [key]), [])
      const call = () => getOrCreate(engine.db, key, { where: { part: 1, code: 'x' } })
      const [first, second] = [await call(), await call()]
      assert.deepEqual([first.created, second.created], [true, false])
      assert.deepEqual({ ...second.row }, { code: 'x', part: 1 })
    },
  },
  {
    id: 'G08',
    name: 'columns may be called where, create, update, defaults, and like words of SQL and of onerow',
    async run(engine) {
      const { quoted, types } = engine.sql
      const name = engine.uniqueName('names')
      const [first, ...others] = names
      await engine.execute(
        `create table ${name} (${names.map((column) => `${quoted(column)} ${types.text} not null`).join(', ')})`,
      )
      const things = table<Record<string, string>>(name, {
        // "onerow" is the one name that a property may not have.
        columns: Object.fromEntries(
          names.map((column) => [column === 'onerow' ? 'its_name' : column, column]),
        ),
      })
      const key = uniqueKey(things, [first], { name: `${name}_key` })
      await createKey(engine, key)
      for (const value of ['plain', 'lazy']) {
        const create = Object.fromEntries(
          others.map((column) => [column === 'onerow' ? 'its_name' : column, `${value} ${column}`]),
        )
        const call = () =>
          getOrCreate(engine.db, key, {
            where: { [first]: value },
            create: value === 'lazy' ? () => create : create,
          })
        const [made, found] = [await call(), await call()]
        assert.deepEqual([made.created, { ...made.row }], [true, { [first]: value, ...create }])
        assert.deepEqual([found.created, { ...found.row }], [false, { [first]: value, ...create }])
      }
    },
  },
]

const names = [
  'where',
  'create',
  'update',
  'defaults',
  'select',
  'order',
  'user',
  'count',
  'onerow',
  'found',
  'inserted',
  'updated',
  'Mixed Case',
  'the "quoted"',
  "it's",
  'excluded',
  'rowid',
] as const
