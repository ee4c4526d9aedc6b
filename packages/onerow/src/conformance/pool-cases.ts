import assert from 'node:assert/strict'
import { createUnique } from '../create-unique.ts'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { verifyKeys } from '../verify-keys.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { rejected, rejectedAs } from './rejected.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'x' }
const lazy = async () => create

const calls: readonly ((db: Database, key: ItemKey) => Promise<unknown>)[] = [
  (db, key) => getOrCreate(db, key, { where, create }),
  (db, key) => getOrCreate(db, key, { where, create: lazy }),
  (db, key) => updateOrCreate(db, key, { where, update: { note: 'n' }, create }),
  (db, key) => updateOrCreate(db, key, { where, update: { note: async () => 'n' }, create: lazy }),
  (db, key) =>
    updateOrCreate(db, key, { where, update: async ({ amount }) => ({ amount: amount + 1 }), create: lazy }),
  (db, key) => transaction(db, (tx) => getOrCreate(tx, key, { where, create: lazy })),
  (db, key) =>
    transaction(db, (tx) =>
      updateOrCreate(tx, key, { where, update: ({ amount }) => ({ amount: amount + 1 }), create }),
    ),
  (db, key) =>
    getOrCreateMany(db, key, [
      { where, create },
      { where, create: lazy },
    ]),
  (db, key) => updateOrCreateMany(db, key, [{ where, update: { note: 'n' }, create }]),
  (db, key) => verifyKeys(db, [key]),
]

const onFewConnections: readonly Case[] = [1, 3].map((connections) => ({
  id: 'R09',
  name: `80 callers on a pool of ${connections}: no call waits for a second connection while it holds one`,
  atEachLevel: true,
  async run(engine) {
    const { key, rows } = await createItems(engine)
    const { db } = await engine.open({ connections })
    await Promise.all(Array.from({ length: 8 }, () => calls.map((call) => call(db, key))).flat())
    const [row, ...others] = await rows()
    assert.deepEqual(others, [])
    // Each of the 16 that increment has done so, but for the one that made the row, if it was of them.
    assert.ok(row && row.amount >= 15 && row.amount <= 16, String(row?.amount))
    // Failing calls give their connections back too.
    const failing = Array.from({ length: 16 }, (_, n) =>
      n % 2 === 0
        ? rejectedAs('already-exists', createUnique(db, key, { where, create }))
        : rejectedAs(
            'outside-key',
            updateOrCreate(db, key, { where, update: () => ({ kind: 'b' }) as object, create }),
          ),
    )
    await Promise.all(failing)
    assert.equal((await getOrCreate(db, key, { where, create })).created, false)
  },
}))

/** Runs `work` in a transaction of its own on the connection; it fails, but not before it is told to. */
const failing: readonly (readonly [
  name: string,
  run: (db: Database, key: ItemKey, work: () => Promise<never>) => Promise<unknown>,
])[] = [
  ['updateOrCreate by function', (db, key, work) => updateOrCreate(db, key, { where, update: work, create })],
  ['transaction', (db, _, work) => transaction(db, work)],
]

export const poolCases: readonly Case[] = [
  ...onFewConnections,
  ...failing.map(([name, run]): Case => ({
    id: 'R09',
    name: `a call beside a transaction on one connection is not lost when that is rolled back: ${name}`,
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql(where))
      const { db } = await engine.session()
      const [begun, mayFail] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const rolledBack = rejected(
        run(db, key, async () => {
          begun.resolve()
          await mayFail.promise
          throw new Error('roll back')
        }),
      )
      await begun.promise
      const calls = [1, 2].map((n) =>
        getOrCreate(db, key, { where: { owner: 7, kind: 'a' }, create: n === 1 ? create : () => create }),
      )
      // Time enough to slip in: a driver sends what it is given at the latest now.
      await new Promise((resolve) => setImmediate(resolve))
      mayFail.resolve()
      assert.equal((await rolledBack).message, 'roll back')
      const results = await Promise.all(calls)
      assert.equal(results.filter(({ created }) => created).length, 1)
      assert.deepEqual(
        (await rows()).map(({ owner }) => owner),
        [1, 7],
      )
    },
  })),
]
