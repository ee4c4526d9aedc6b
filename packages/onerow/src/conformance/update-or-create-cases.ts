import assert from 'node:assert/strict'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'
import { createLoggedItems } from './logged-items.ts'

const where = { owner: 1, kind: 'a' }

export const updateOrCreateCases: readonly Case[] = [
  {
    id: 'U01',
    name: 'a row matches: the given columns change and no other, and the new row is given',
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql({ ...where, label: 'old' }))
      await engine.execute(insertSql({ owner: 2 }))
      const [before, other] = await rows()
      const { row, created, outcome } = await updateOrCreate(engine.db, key, {
        where,
        update: { label: 'new', amount: 7 },
        create: { note: 'not this' },
      })
      assert.deepEqual([created, outcome], [false, 'updated'])
      assert.deepEqual({ ...row }, { ...before, label: 'new', amount: 7 })
      assert.deepEqual(await rows(), [{ ...row }, other])
    },
  },
  {
    id: 'U01',
    name: 'a function of the current row: the columns that it gives change and no other',
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql({ ...where, label: 'old' }))
      const [before] = await rows()
      const { row, outcome } = await updateOrCreate(engine.db, key, {
        where,
        async update(current) {
          assert.deepEqual({ ...current }, before)
          return { label: () => `${current.label}er` }
        },
        create: { label: 'not this' },
      })
      assert.deepEqual([outcome, { ...row }], ['updated', { ...before, label: 'older' }])
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  {
    id: 'U02',
    name: 'none matches: created from where, create and update, and create wins',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { row, created, outcome } = await updateOrCreate(engine.db, key, {
        where,
        update: { label: 'from update', amount: 7 },
        create: { label: 'from create', note: 'n' },
      })
      assert.deepEqual([created, outcome], [true, 'created'])
      assert.deepEqual({ ...row }, { id: row.id, ...where, label: 'from create', note: 'n', amount: 7 })
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  {
    id: 'U03',
    name: 'values of create and update apart: the first call uses the one, the second the other',
    async run(engine) {
      const { key } = await createItems(engine)
      const byValues = () =>
        updateOrCreate(engine.db, key, { where, update: { note: 'u' }, create: { label: 'c', note: 'c' } })
      const [first, second] = [await byValues(), await byValues()]
      assert.deepEqual([first.outcome, first.row.label, first.row.note], ['created', 'c', 'c'])
      assert.deepEqual([second.outcome, second.row.label, second.row.note], ['updated', 'c', 'u'])
      const byFunction = () =>
        updateOrCreate(engine.db, key, {
          where: { owner: 2, kind: 'a' },
          update: () => ({ note: 'u' }),
          create: { label: 'c' },
        })
      const [third, fourth] = [await byFunction(), await byFunction()]
      assert.deepEqual([third.outcome, third.row.note], ['created', null])
      assert.deepEqual([fourth.outcome, fourth.row.note], ['updated', 'u'])
    },
  },
  {
    id: 'U03',
    name: 'an empty create means no extra values; an empty update changes nothing',
    async run(engine) {
      const { key } = await createItems(engine)
      const call = () => updateOrCreate(engine.db, key, { where, update: { label: 'x' }, create: {} })
      assert.deepEqual([(await call()).outcome, (await call()).outcome], ['created', 'unchanged'])
      const create = { label: 'y' }
      for (const update of [{}, { label: undefined as unknown as string }]) {
        const { row, outcome } = await updateOrCreate(engine.db, key, { where, update, create })
        assert.deepEqual([outcome, row.label], ['unchanged', 'x'])
      }
      const { row, outcome } = await updateOrCreate(engine.db, key, { where, update: () => ({}), create })
      assert.deepEqual([outcome, row.label], ['unchanged', 'x'])
    },
  },
  {
    id: 'U06',
    name: 'the row has the values already: unchanged, and nothing is written',
    async run(engine) {
      const { key, version, updates, rows } = await createLoggedItems(engine)
      const [stored] = await rows()
      const before = await version()
      for (const call of [
        () => updateOrCreate(engine.db, key, { where, update: { label: 'stored' } }),
        () => updateOrCreate(engine.db, key, { where, update: { label: 'stored', amount: 0, note: null } }),
        () => updateOrCreate(engine.db, key, { where, update: { label: () => 'stored' } }),
        () =>
          updateOrCreate(engine.db, key, { where, update: { amount: 0 }, create: { label: 'x', note: 'x' } }),
        () =>
          updateOrCreate(engine.db, key, {
            where,
            update: ({ label, note }) => ({ label, note }),
            create: { label: 'x' },
          }),
      ]) {
        const { row, outcome, created } = await call()
        assert.deepEqual([outcome, created, { ...row }], ['unchanged', false, stored])
      }
      assert.deepEqual(await version(), before)
      assert.equal(await updates(), 0)
      // Both proofs do tell when something is written.
      const changed = await updateOrCreate(engine.db, key, { where, update: { label: 'other' } })
      assert.equal(changed.outcome, 'updated')
      assert.notDeepEqual(await version(), before)
      assert.equal(await updates(), 1)
    },
  },
  {
    id: 'U06',
    name: 'values that look alike are not the same: case, spaces, null and empty',
    async run(engine) {
      const { key, updates } = await createLoggedItems(engine)
      for (const label of ['Stored', 'stored', 'stored ', 'stored']) {
        const { row, outcome } = await updateOrCreate(engine.db, key, { where, update: { label } })
        assert.deepEqual([outcome, row.label], ['updated', label])
      }
      for (const note of ['', null, 'null', null, '0', '']) {
        const { row, outcome } = await updateOrCreate(engine.db, key, {
          where,
          update: { label: 'stored', note },
        })
        assert.deepEqual([outcome, row.note], ['updated', note])
      }
      assert.equal(await updates(), 10)
    },
  },
  {
    id: 'U06',
    name: "values that the column's collation finds equal are not the same",
    needs: ['case-insensitive collations'],
    async run(engine) {
      const { sql } = engine
      const { key, name, updates } = await createLoggedItems(engine)
      for (const statement of sql.caseInsensitive(name, 'note')) await engine.execute(statement)
      for (const note of ['bob', 'Bob']) {
        const { row, outcome } = await updateOrCreate(engine.db, key, {
          where,
          update: { label: 'stored', note },
        })
        assert.deepEqual([outcome, row.note], ['updated', note])
      }
      const [equal] = await engine.execute(`select id from ${name} where note = 'BOB'`)
      assert.ok(equal, 'the collation must find them equal')
      assert.equal(await updates(), 2)
    },
  },
]
