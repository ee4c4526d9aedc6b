import assert from 'node:assert/strict'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import { begin } from './begin.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'
import { upTo } from './many-verbs.ts'
import { rejectedAs } from './rejected.ts'
import { counted } from './watched.ts'

interface Source {
  readonly calls: AsyncGenerator<{
    readonly where: { readonly owner: number; readonly kind: string }
    readonly create: { readonly label: string; readonly amount: number }
  }>
  /** How many calls were asked for. */
  readonly pulled: () => number
  /** Whether it was let go. */
  readonly returned: () => boolean
}

/**
 * A stream of calls for owners from 1.
 *
 * @param badOwner the one whose amount is -1
 */
function source(count: number, badOwner?: number): Source {
  let pulled = 0
  let returned = false
  async function* calls() {
    try {
      for (const owner of upTo(count)) {
        pulled++
        yield { where: { owner, kind: 'a' }, create: { label: 'x', amount: owner === badOwner ? -1 : 1 } }
      }
    } finally {
      returned = true
    }
  }
  return { calls: calls(), pulled: () => pulled, returned: () => returned }
}

const options = { batch: 10, parallel: 2 } as const

/** Reads a stream to its end; or to its error, which is told beside what came before. */
async function readAll<Result>(
  stream: AsyncIterable<Result>,
): Promise<{ results: Result[]; error?: unknown }> {
  const results: Result[] = []
  try {
    for await (const result of stream) results.push(result)
  } catch (error) {
    return { results, error }
  }
  return { results }
}

export const streamCases: readonly Case[] = [
  {
    id: 'B06',
    name: 'a stream is answered in its order, and read no more than a few batches ahead',
    async run(engine) {
      const { key, rows, insertSql } = await createItems(engine)
      await engine.execute(insertSql({ owner: 12 }))
      const { calls, pulled, returned } = source(95)
      const progress: unknown[] = []
      const stream = getOrCreateMany(engine.db, key, calls, {
        ...options,
        onProgress: (told) => progress.push(told),
      })
      assert.equal(pulled(), 0, 'it begins with the first result')
      const owners: number[] = []
      for await (const { row, created } of stream) {
        owners.push(row.owner)
        assert.equal(created, row.owner !== 12)
        const ahead = pulled() - owners.length
        assert.ok(ahead <= 30, `${ahead} calls are in memory`)
      }
      assert.deepEqual(owners, upTo(95))
      assert.deepEqual([pulled(), returned()], [95, true])
      assert.deepEqual(
        progress,
        upTo(10).map((batch) => {
          const done = Math.min(batch * 10, 95)
          return { done, created: done < 12 ? done : done - 1 }
        }),
      )
      assert.equal((await rows()).length, 95)
    },
  },
  {
    id: 'B06',
    name: 'a stream may be a generator, async or not; an empty one costs no SQL',
    async run(engine) {
      const { key } = await createItems(engine)
      function* updates() {
        for (const owner of [1, 2, 1, 3, 2])
          yield { where: { owner, kind: 'a' }, update: { amount: owner }, create: { label: 'x', amount: 0 } }
      }
      const { results } = await readAll(updateOrCreateMany(engine.db, key, updates(), { batch: 2 }))
      assert.deepEqual(
        results.map(({ row, outcome }) => [row.owner, outcome]),
        [
          [1, 'created'],
          [2, 'created'],
          [1, 'updated'],
          [3, 'created'],
          [2, 'updated'],
        ],
      )
      const { db, count } = counted(engine.db)
      const none = await readAll(getOrCreateMany(db, key, source(0).calls))
      assert.deepEqual([none, count()], [{ results: [] }, 0])
    },
  },
  {
    id: 'B04',
    name: 'one bad row of a stream: its place in the stream is told; its batch is not written, those before are',
    async run(engine) {
      const { key, rows } = await createItems(engine, 'check (amount >= 0)')
      const { calls, returned } = source(50, 26)
      const { results, error } = await readAll(getOrCreateMany(engine.db, key, calls, options))
      const failed = await rejectedAs('row-failed', Promise.reject(error))
      assert.deepEqual([failed.index, returned()], [25, true])
      assert.deepEqual(
        results.map(({ row }) => row.owner),
        upTo(20),
      )
      const owners = (await rows()).map(({ owner }) => owner).toSorted((a, b) => a - b)
      assert.deepEqual(
        owners.filter((owner) => owner <= 30),
        upTo(20),
      )
    },
  },
  {
    id: 'B06',
    name: 'who reads a stream stops early: its source is let go, and nothing runs on',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const { db, count } = counted(engine.db)
      const { calls, pulled, returned } = source(1000)
      let read = 0
      for await (const { created } of getOrCreateMany(db, key, calls, options)) {
        assert.ok(created)
        if (++read === 15) break
      }
      assert.equal(returned(), true)
      const atEnd = [count(), pulled(), (await rows()).length]
      assert.ok(pulled() <= 50, String(pulled()))
      assert.equal(atEnd[2], Math.floor(pulled() / 10) * 10, 'whole batches')
      // Time enough to slip in: a driver sends what it is given at the latest now.
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual([count(), pulled(), (await rows()).length], atEnd)
    },
  },
  {
    id: 'B06',
    name: 'what the source of a stream throws comes out, as it is',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const thrown = new Error('no more input')
      async function* calls() {
        yield* source(25).calls
        throw thrown
      }
      const { results, error } = await readAll(
        getOrCreateMany(engine.db, key, calls(), { batch: 10, parallel: 1 }),
      )
      assert.equal(error, thrown)
      assert.equal(results.length, 20)
      assert.equal((await rows()).length, 20)
    },
  },
  {
    id: 'B04',
    name: 'the options of a stream are refused out of their range, before any SQL',
    async run(engine) {
      const { key } = await createItems(engine)
      const { db, count } = counted(engine.db)
      for (const wrong of [{ batch: 0 }, { batch: 1.5 }, { parallel: 0 }, { parallel: Number.NaN }]) {
        const { calls, pulled } = source(5)
        const { error } = await readAll(getOrCreateMany(db, key, calls, wrong))
        assert.ok(error instanceof TypeError, `${JSON.stringify(wrong)}: ${String(error)}`)
        assert.deepEqual([count(), pulled()], [0, 0])
      }
    },
  },
  {
    id: 'B04',
    name: "a stream in a caller's transaction takes part in it",
    async run(engine) {
      const { key, rows } = await createItems(engine, 'check (amount >= 0)')
      const { db, execute } = await engine.session()
      await begin({ execute }, engine)
      const { results, error } = await readAll(getOrCreateMany(db, key, source(50, 26).calls, options))
      assert.deepEqual(
        [results.length, (await rejectedAs('row-failed', Promise.reject(error))).index],
        [20, 25],
      )
      const again = await readAll(getOrCreateMany(db, key, source(25).calls, options))
      assert.deepEqual(
        again.results.map(({ created }) => created),
        upTo(25).map((owner) => owner > 20),
      )
      await execute('rollback')
      assert.deepEqual(await rows(), [])
    },
  },
]
