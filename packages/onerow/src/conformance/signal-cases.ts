import assert from 'node:assert/strict'
import type { CallOptions } from '../call.ts'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import { held } from './held.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { counted } from './watched.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'x' }
const reason = new Error('no time')

const ways: readonly (readonly [
  name: string,
  call: (db: Database, key: ItemKey, options: CallOptions) => Promise<unknown>,
])[] = [
  ['getOrCreate', (db, key, options) => getOrCreate(db, key, { where, create }, options)],
  [
    'getOrCreate, a function in create',
    (db, key, options) => getOrCreate(db, key, { where, create: () => create }, options),
  ],
  [
    'updateOrCreate',
    (db, key, options) => updateOrCreate(db, key, { where, update: { amount: 5 }, create }, options),
  ],
  [
    'updateOrCreate by function',
    (db, key, options) => updateOrCreate(db, key, { where, update: () => ({ amount: 5 }), create }, options),
  ],
  ['getOrCreateMany', (db, key, options) => getOrCreateMany(db, key, [{ where, create }], options)],
  [
    'updateOrCreateMany',
    (db, key, options) => updateOrCreateMany(db, key, [{ where, update: { amount: 5 }, create }], options),
  ],
  [
    'a stream',
    async (db, key, options) => {
      for await (const { row } of getOrCreateMany(db, key, [{ where, create }].values(), options))
        assert.ok(row)
    },
  ],
]

export const signalCases: readonly Case[] = [
  ...ways.map(([way, call]): Case => ({
    id: 'G19',
    name: `a call whose signal is aborted already sends no SQL, and rejects with its reason: ${way}`,
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { db, count } = counted(engine.db)
      await assert.rejects(call(db, key, { signal: AbortSignal.abort(reason) }), reason)
      assert.equal(count(), 0)
      assert.deepEqual(await rows(), [])
    },
  })),
  ...ways.map(([way, call]): Case => ({
    id: 'G19',
    name: `a call is aborted while a statement of its own is under way: it rejects at once: ${way}`,
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { db, release, untilHeld } = held(engine.db)
      const { signal, abort } = aborting()
      const work = call(db, key, { signal })
      const rejected = assert.rejects(work, reason)
      await untilHeld(1)
      abort()
      await rejected
      release()
      // The next call is not hindered, whether the statement that was under way has made the row or not.
      const { row } = await getOrCreate(engine.db, key, { where, create })
      // Of a client with one connection: when the call's own transaction has ended.
      await transaction(engine.db, () => Promise.resolve())
      assert.deepEqual(
        (await rows()).map(({ id }) => id),
        [row.id],
      )
    },
  })),
  {
    id: 'G19',
    name: 'updateOrCreate is aborted inside its function: nothing is written, and the connection is fit for the next',
    async run(engine) {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql(where))
      const before = await rows()
      for (const db of [(await engine.open({ connections: 1 })).db, (await engine.session()).db]) {
        const { signal, abort } = aborting()
        const update = async () => {
          abort()
          return { amount: 5 }
        }
        await assert.rejects(updateOrCreate(db, key, { where, update, create }, { signal }), reason)
        // Waits for the connection, and so for the end of what was aborted.
        const { row, created } = await getOrCreate(db, key, { where, create })
        assert.deepEqual([created, row.amount], [false, 0])
        assert.equal(await db.inTransaction(), false)
        assert.deepEqual(await rows(), before)
      }
    },
  },
  {
    id: 'G19',
    name: 'a list is aborted between its calls: nothing of it is written',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { db } = await engine.open({ connections: 1 })
      const { signal, abort } = aborting()
      const calls = [1, 2, 3].map((owner) => ({
        where: { owner, kind: 'a' },
        create: () => {
          if (owner === 2) abort()
          return create
        },
      }))
      await assert.rejects(getOrCreateMany(db, key, calls, { signal }), reason)
      assert.equal((await getOrCreate(db, key, { where: { owner: 4, kind: 'a' }, create })).created, true)
      assert.deepEqual(
        (await rows()).map(({ owner }) => owner),
        [4],
      )
    },
  },
  {
    id: 'G19',
    name: 'a stream is aborted: it ends with the reason, and asks its source for no more',
    async run(engine) {
      const { key } = await createItems(engine)
      const { signal, abort } = aborting()
      let pulled = 0
      let returned = false
      function* calls() {
        try {
          for (;;) yield { where: { owner: ++pulled, kind: 'a' }, create }
        } finally {
          returned = true
        }
      }
      let read = 0
      await assert.rejects(async () => {
        for await (const { created } of getOrCreateMany(engine.db, key, calls(), {
          batch: 5,
          parallel: 1,
          signal,
        })) {
          assert.ok(created)
          if (++read === 8) abort()
        }
      }, reason)
      assert.deepEqual([read <= 10, pulled <= 20, returned], [true, true, true])
    },
  },
]

function aborting() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort(reason) }
}
