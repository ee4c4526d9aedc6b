import assert from 'node:assert/strict'
import { uniqueKey } from '../key.ts'
import { createUnique } from '../create-unique.ts'
import { getOrCreate } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import { openCallers } from './blocked.ts'
import type { Case } from './case.ts'
import { createItems, createItemTable, createKey, createLabelledItems } from './items.ts'
import { rejectedAs } from './rejected.ts'

const where = { owner: 1, kind: 'a' }

export const conflictCases: readonly Case[] = [
  {
    id: 'G12',
    name: 'the new row breaks another unique constraint: an error that names it, and nothing is written',
    async run(engine) {
      const { key, rows } = await createLabelledItems(engine)
      const before = await rows()
      const create = { label: 'taken' }
      for (const call of [
        () => getOrCreate(engine.db, key, { where, create }),
        () => getOrCreate(engine.db, key, { where, create: () => create }),
        () => createUnique(engine.db, key, { where, create }),
      ]) {
        const error = await rejectedAs('conflict-elsewhere', call())
        assert.match(error.constraint, /label/)
        assert.ok(error.cause instanceof Error)
        assert.deepEqual(await rows(), before)
      }
    },
  },
  {
    id: 'G12',
    name: 'a row that has the key is found, also when it has the other unique value too',
    async run(engine) {
      const { key } = await createLabelledItems(engine)
      const { created } = await getOrCreate(engine.db, key, {
        where: { owner: 9, kind: 'a' },
        create: { label: 'taken' },
      })
      assert.equal(created, false)
    },
  },
  {
    id: 'G12',
    name: "a rival's row breaks the key and another constraint at once: it is found, whichever is named",
    needs: ['several sessions'],
    atEachLevel: true,
    async run(engine) {
      const { key, insertSql, rows } = await createLabelledItems(engine)
      const create = async () => {
        await engine.execute(insertSql({ ...where, label: 'ours' }))
        return { label: 'ours' }
      }
      const { row, created } = await getOrCreate(engine.db, key, { where, create })
      assert.deepEqual([created, row.label], [false, 'ours'])
      const update = { note: 'n' }
      const again = { owner: 2, kind: 'a' }
      const createAgain = async () => {
        await engine.execute(insertSql({ ...again, label: 'again' }))
        return { label: 'again' }
      }
      const { outcome } = await updateOrCreate(engine.db, key, { where: again, update, create: createAgain })
      assert.equal(outcome, 'updated')
      assert.equal((await rows()).length, 3)
    },
  },
  {
    id: 'G12',
    name: 'the other constraint is named first, for one rival, but the row of another is there by then',
    needs: ['several sessions', 'rivals of a transaction', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItemTable(engine)
      // An engine checks the older index first, and waits there.
      await engine.execute(`create unique index ${name}_label on ${name} (label)`)
      await createKey(engine, key)
      const { sessions, untilBlocked } = await openCallers(engine, name, 1)
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql({ owner: 9, label: 'ours' }))
      const { db } = sessions[0] ?? assert.fail()
      const work = getOrCreate(db, key, { where, create: { label: 'ours' } })
      await untilBlocked([work])
      await engine.execute(insertSql({ ...where, label: 'rival' }))
      await rival.execute('commit')
      const { row, created } = await work
      assert.deepEqual([created, row.label], [false, 'rival'])
      assert.equal((await rows()).length, 2)
    },
  },
  {
    id: 'G12',
    name: "a row outside the key's condition stands in the way, by another unique index on the same columns",
    async run(engine) {
      const { items, name, insertSql, rows } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key`, condition: { amount: 1 } })
      await createKey(engine, key)
      await engine.execute(`create unique index ${name}_all on ${name} (owner_id, kind)`)
      await engine.execute(insertSql(where))
      const before = await rows()
      const error = await rejectedAs(
        'conflict-elsewhere',
        getOrCreate(engine.db, key, { where, create: { label: 'x' } }),
      )
      assert.match(error.constraint, /_all|kind/)
      assert.deepEqual(await rows(), before)
    },
  },
  {
    id: 'U05',
    name: 'updateOrCreate breaks another unique constraint, by the new row or by the update',
    async run(engine) {
      const { key, insertSql, rows } = await createLabelledItems(engine)
      const update = { label: 'taken' }
      const calls = [
        () => updateOrCreate(engine.db, key, { where, update }),
        () => updateOrCreate(engine.db, key, { where, update: () => update, create: update }),
        () => updateOrCreate(engine.db, key, { where, update: { label: () => 'taken' } }),
      ]
      for (const there of [false, true]) {
        if (there) await engine.execute(insertSql({ ...where, label: 'mine' }))
        const before = await rows()
        for (const call of calls) {
          assert.match((await rejectedAs('conflict-elsewhere', call())).constraint, /label/)
          assert.deepEqual(await rows(), before)
        }
      }
    },
  },
  {
    id: 'G13',
    name: "another constraint's conflict inside a caller's transaction, guarded by a savepoint",
    async run(engine) {
      const { key, rows } = await createLabelledItems(engine)
      const { db, execute } = await engine.session()
      await begin({ execute }, engine)
      await getOrCreate(db, key, { where: { owner: 2, kind: 'a' }, create: { label: 'before' } })
      await execute('savepoint guard')
      const error = await rejectedAs(
        'conflict-elsewhere',
        getOrCreate(db, key, { where, create: { label: 'taken' } }),
      )
      assert.match(error.constraint, /label/)
      await execute('rollback to savepoint guard')
      await getOrCreate(db, key, { where: { owner: 3, kind: 'a' }, create: { label: 'after' } })
      await execute('commit')
      assert.deepEqual(
        (await rows()).map((row) => row.label),
        ['taken', 'before', 'after'],
      )
    },
  },
  {
    id: 'G13',
    name: "another constraint's conflict inside a caller's transaction, without a savepoint: the same error",
    async run(engine) {
      const { key, rows } = await createLabelledItems(engine)
      const before = await rows()
      const { db, execute } = await engine.session()
      for (const call of [
        () => getOrCreate(db, key, { where, create: { label: 'taken' } }),
        () => updateOrCreate(db, key, { where, update: { label: () => 'taken' } }),
      ]) {
        await begin({ execute }, engine)
        assert.match((await rejectedAs('conflict-elsewhere', call())).constraint, /label/)
        await execute('rollback')
        assert.deepEqual(await rows(), before)
      }
    },
  },
  {
    id: 'G13',
    name: "our own key's conflict does not abort a caller's transaction",
    needs: ['several sessions', 'rivals of a transaction'],
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      const { db, execute } = await engine.session()
      await begin({ execute }, engine, 'read committed')
      const { row, created } = await getOrCreate(db, key, {
        where,
        async create() {
          await engine.execute(insertSql(where))
          return { label: 'ours' }
        },
      })
      assert.deepEqual([created, row.label], [false, 'rival'])
      await getOrCreate(db, key, { where: { owner: 2, kind: 'a' }, create: { label: 'next' } })
      await execute('commit')
      assert.deepEqual(
        (await rows()).map(({ label }) => label),
        ['rival', 'next'],
      )
    },
  },
]
