import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'

const where = { owner: 1, kind: 'a' }

/** A function that remembers how often it was called. */
function remembering<Value>(value: Value): { readonly give: () => Value; readonly calls: () => number } {
  let calls = 0
  return {
    give() {
      calls++
      return value
    },
    calls: () => calls,
  }
}

export const functionValueCases: readonly Case[] = [
  {
    id: 'G09',
    name: 'a function in create is called once, and its awaited result is stored',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const label = remembering(Promise.resolve('async'))
      const amount = remembering(7)
      const { row, created } = await getOrCreate(engine.db, key, {
        where,
        create: { label: label.give, amount: amount.give },
      })
      assert.deepEqual([created, row.label, row.amount], [true, 'async', 7])
      assert.deepEqual([label.calls(), amount.calls()], [1, 1])
      assert.deepEqual(await rows(), [{ ...row }])
    },
  },
  {
    id: 'G10',
    name: 'a function in create is not called when the row exists',
    async run(engine) {
      const { key, insertSql } = await createItems(engine)
      await engine.execute(insertSql(where))
      const label = remembering('x')
      const { created } = await getOrCreate(engine.db, key, { where, create: { label: label.give } })
      assert.deepEqual([created, label.calls()], [false, 0])
    },
  },
  {
    id: 'G11',
    name: 'create itself may be a function, called only when the row must be made',
    async run(engine) {
      const { key } = await createItems(engine)
      const create = remembering(Promise.resolve({ label: () => 'nested', note: 'n' }))
      const call = () => getOrCreate(engine.db, key, { where, create: create.give })
      const [first, second] = [await call(), await call()]
      assert.deepEqual([first.created, first.row.label, first.row.note], [true, 'nested', 'n'])
      assert.deepEqual([second.created, create.calls()], [false, 1])
    },
  },
  {
    id: 'G11',
    name: 'what a function in create throws comes out as it is, and nothing is written',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const thrown = new Error('no label today')
      const create = () => Promise.reject(thrown)
      await assert.rejects(getOrCreate(engine.db, key, { where, create }), thrown)
      await assert.rejects(
        updateOrCreate(engine.db, key, { where, update: () => ({ amount: 1 }), create }),
        thrown,
      )
      assert.deepEqual(await rows(), [])
      // The connection is fit for the next call: no transaction was left open.
      assert.equal((await getOrCreate(engine.db, key, { where, create: { label: 'x' } })).created, true)
    },
  },
  {
    id: 'U11',
    name: 'function values are evaluated only on the path taken',
    async run(engine) {
      const { key } = await createItems(engine)
      const update = remembering('updated')
      const create = remembering('created')
      const call = () =>
        updateOrCreate(engine.db, key, {
          where,
          update: { note: update.give },
          create: { label: create.give, note: 'first' },
        })
      const first = await call()
      assert.deepEqual([first.outcome, first.row.label, first.row.note], ['created', 'created', 'first'])
      assert.equal(create.calls(), 1)
      const updateCallsOfCreate = update.calls()
      const second = await call()
      assert.deepEqual([second.outcome, second.row.note], ['updated', 'updated'])
      assert.deepEqual([update.calls() - updateCallsOfCreate, create.calls()], [1, 1])
    },
  },
  {
    id: 'U11',
    name: 'a function of the current row is not called for a new row, nor create for a row that exists',
    async run(engine) {
      const { key } = await createItems(engine)
      const seen: number[] = []
      const create = remembering({ label: 'x', amount: 5 })
      const call = () =>
        updateOrCreate(engine.db, key, {
          where,
          update: async (current) => {
            seen.push(current.amount)
            return { amount: current.amount + 1 }
          },
          create: create.give,
        })
      assert.equal((await call()).outcome, 'created')
      assert.deepEqual([seen, create.calls()], [[], 1])
      const second = await call()
      assert.deepEqual([second.outcome, second.row.amount], ['updated', 6])
      assert.deepEqual([seen, create.calls()], [[5], 1])
    },
  },
]
