import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import { openCallers } from './blocked.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { watched } from './watched.ts'

const where = { owner: 1, kind: 'a' }

type Call = (db: Database, key: ItemKey) => ReturnType<typeof updateOrCreate<ItemKey>>

interface Way {
  readonly way: string
  readonly call: Call
  /** What a second such call does, and the amount after it. */
  readonly second: readonly [outcome: 'unchanged' | 'updated', amount: number]
}

/** The ways to set the amount to 5, or to add 5 to the 0 that is there. */
const ways: readonly Way[] = [
  {
    way: 'by values',
    call: (db, key) => updateOrCreate(db, key, { where, update: { amount: 5 }, create: { label: 'ours' } }),
    second: ['unchanged', 5],
  },
  {
    way: 'by lazy values',
    call: (db, key) =>
      updateOrCreate(db, key, { where, update: { amount: () => 5 }, create: { label: 'ours' } }),
    second: ['unchanged', 5],
  },
  {
    way: 'by function',
    call: (db, key) =>
      updateOrCreate(db, key, {
        where,
        update: ({ amount }) => ({ amount: amount + 5 }),
        create: { label: 'ours' },
      }),
    second: ['updated', 10],
  },
]

/** 64 callers at once, each adding one. */
function increments(run: (call: (db: Database) => ReturnType<Call>) => ReturnType<Call>, key: ItemKey) {
  return Promise.all(
    Array.from({ length: 64 }, () =>
      run((db) =>
        updateOrCreate(db, key, {
          where,
          update: async ({ amount }) => ({ amount: amount + 1 }),
          create: { label: 'ours', amount: 1 },
        }),
      ),
    ),
  )
}

export const updateRaceCases: readonly Case[] = [
  {
    id: 'U07',
    name: 'a rival changes another column between our read and our update: both changes survive',
    needs: ['several sessions'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql(where))
      let changes = 0
      const db = watched(engine.db, {
        async before(text) {
          if (!text.startsWith('update')) return
          changes++
          await engine.execute(`update ${name} set note = 'rival'`)
        },
      })
      const { row, outcome } = await updateOrCreate(db, key, {
        where,
        update: { label: () => 'ours' },
        create: {},
      })
      assert.equal(changes, 1)
      assert.deepEqual([outcome, row.label, row.note], ['updated', 'ours', 'rival'])
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  ...ways.flatMap(({ way, call, second }): readonly Case[] => [
    {
      id: 'U07',
      name: `a rival changes another column while we wait for it: both changes survive: ${way}`,
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        await engine.execute(insertSql(where))
        const { sessions, untilBlocked } = await openCallers(engine, name, 1)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(`update ${name} set note = 'rival'`)
        const work = call(sessions[0]?.db ?? assert.fail(), key)
        await untilBlocked([work])
        await rival.execute('commit')
        const { row, outcome } = await work
        assert.deepEqual([outcome, row.amount, row.note], ['updated', 5, 'rival'])
        assert.deepEqual(await rows(), [{ ...row }])
      },
    },
    {
      id: 'U07',
      name: `a rival makes the same change while we wait for it: unchanged, or added to: ${way}`,
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        await engine.execute(insertSql(where))
        const { sessions, untilBlocked } = await openCallers(engine, name, 1)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(`update ${name} set amount = 5`)
        const work = call(sessions[0]?.db ?? assert.fail(), key)
        await untilBlocked([work])
        await rival.execute('commit')
        const { row, outcome } = await work
        assert.deepEqual([outcome, row.amount], second)
        assert.deepEqual(await rows(), [{ ...row }])
      },
    },
    {
      id: 'U07',
      name: `a rival removes the row while we wait for it: we create it: ${way}`,
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        await engine.execute(insertSql(where))
        const { sessions, untilBlocked } = await openCallers(engine, name, 1)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(`delete from ${name}`)
        const work = call(sessions[0]?.db ?? assert.fail(), key)
        await untilBlocked([work])
        await rival.execute('commit')
        const { row, outcome } = await work
        assert.deepEqual([outcome, row.label], ['created', 'ours'])
        assert.deepEqual(await rows(), [{ ...row }])
      },
    },
    {
      id: 'U09',
      name: `a rival commits the row while two wait for it: both updates are applied to it: ${way}`,
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { sessions, untilBlocked } = await openCallers(engine, name, 2)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(insertSql(where))
        const calls = sessions.map(({ db }) => call(db, key))
        await untilBlocked(calls)
        await rival.execute('commit')
        const results = await Promise.all(calls)
        const [outcome, amount] = second
        assert.deepEqual(
          results.map((result) => result.outcome).toSorted((a, b) => a.localeCompare(b)),
          [outcome, 'updated'],
        )
        const [row] = await rows()
        assert.deepEqual([row?.label, row?.amount], ['rival', amount])
      },
    },
  ]),
  {
    id: 'U09',
    name: "the row appears between our read and our insert: our update is applied to the winner's row",
    needs: ['several sessions'],
    atEachLevel: true,
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      let rivals = 0
      const { row, outcome } = await updateOrCreate(engine.db, key, {
        where,
        update: { amount: 5 },
        async create() {
          rivals++
          await engine.execute(insertSql(where))
          return { label: 'ours' }
        },
      })
      assert.equal(rivals, 1)
      assert.deepEqual([outcome, row.label, row.amount], ['updated', 'rival', 5])
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  {
    id: 'U09',
    name: "the row appears between our read and our insert: our function gets the winner's row",
    needs: ['several sessions', 'rivals of a transaction'],
    atEachLevel: true,
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      let rivals = 0
      const seen: string[] = []
      const { row, outcome } = await updateOrCreate(engine.db, key, {
        where,
        update({ label, amount }) {
          seen.push(label)
          return { amount: amount + 5 }
        },
        async create() {
          rivals++
          await engine.execute(insertSql(where))
          return { label: 'ours' }
        },
      })
      assert.deepEqual([rivals, seen], [1, ['rival']])
      assert.deepEqual([outcome, row.label, row.amount], ['updated', 'rival', 5])
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  ...['present', 'absent'].map((row): Case => ({
    id: 'U08',
    name: `64 increments at once by a function of the current row give exactly 64: the row is ${row} at first`,
    atEachLevel: true,
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      if (row === 'present') await engine.execute(insertSql(where))
      const results = await increments((call) => call(engine.db), key)
      assert.deepEqual(
        results.map((result) => result.row.amount).sort((a, b) => a - b),
        oneTo64,
      )
      assert.equal(results.filter(({ created }) => created).length, row === 'present' ? 0 : 1)
      assert.deepEqual(
        (await rows()).map(({ amount }) => amount),
        [64],
      )
    },
  })),
  {
    id: 'U08',
    name: '64 increments at once, each in a transaction of the caller',
    atEachLevel: true,
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { isolation } = engine
      await increments((call) => transaction(engine.db, call, { isolation, attempts: 1000 }), key)
      assert.deepEqual(
        (await rows()).map(({ amount }) => amount),
        [64],
      )
    },
  },
]

const oneTo64 = Array.from({ length: 64 }, (_, index) => index + 1)
