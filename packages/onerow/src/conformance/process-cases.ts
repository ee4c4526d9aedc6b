import assert from 'node:assert/strict'
import { begin } from './begin.ts'
import { untilSeen, waitingOn } from './blocked.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems } from './items.ts'
import type { WorkerResult } from './workers.ts'

/** Half of the callers, those of each process. */
const callers = 32

/** No call failed, and each row was made by one of its 64 callers and given to all. */
function assertOneRowEach(
  results: readonly WorkerResult[],
  rows: readonly { readonly id: number; readonly owner: number }[],
) {
  const failed = results.filter(({ error }) => error !== undefined)
  assert.deepEqual(failed.slice(0, 3), [], `${failed.length} calls failed`)
  for (const [owner, calls] of Map.groupBy(results, (result) => result.owner)) {
    assert.equal(calls.length, 2 * callers)
    assert.equal(calls.filter(({ created }) => created).length, 1, `owner ${owner}`)
    const ids = rows.filter((row) => row.owner === owner).map(({ id }) => id)
    assert.deepEqual([...new Set(calls.map(({ id }) => id))], ids, `owner ${owner}`)
  }
}

export const processCases: readonly Case[] = [
  {
    id: 'R01',
    name: '64 callers in 2 processes on fresh keys, a rival in the way of the first: each is created once',
    needs: ['several sessions', 'several processes', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { name, insertSql, rows } = await createItems(engine)
      const workers = await engine.workers(name)
      // The rival keeps all of them from an outcome until both processes have called, and leaves no row behind.
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql({ owner: 1 }))
      const keys = engine.load === 'full' ? 20 : 4
      const { results } = await workers.call({ verb: 'getOrCreate', callers, owners: upTo(keys) })
      await untilBothWait(engine, name)
      await rival.execute('rollback')
      const ended = await results
      assert.equal(ended.length, 64 * keys)
      assertOneRowEach(ended, await rows())
      assert.equal((await rows()).length, keys)
    },
  },
  {
    id: 'R01',
    name: '64 callers in 2 processes on 200 fresh keys (20 under a light load): a row each, created once, no error',
    needs: ['several sessions', 'several processes'],
    async run(engine) {
      const { name, rows } = await createItems(engine)
      const workers = await engine.workers(name)
      const keys = engine.load === 'full' ? 200 : 20
      const { results } = await workers.call({ verb: 'getOrCreate', callers, owners: upTo(keys) })
      const ended = await results
      assert.equal(ended.length, 64 * keys)
      assertOneRowEach(ended, await rows())
      assert.equal(ended.filter(({ created }) => created).length, keys)
      assert.equal((await rows()).length, keys)
    },
  },
  {
    id: 'U08',
    name: '64 callers in 2 processes add one to each of 4 fresh rows (1 under a light load): 64 each',
    needs: ['several sessions', 'several processes'],
    atEachLevel: true,
    async run(engine) {
      const { name, rows } = await createItems(engine)
      const workers = await engine.workers(name)
      const owners = upTo(engine.load === 'full' ? 4 : 1)
      const { results } = await workers.call({ verb: 'increment', callers, owners })
      assertOneRowEach(await results, await rows())
      assert.deepEqual(
        (await rows()).map(({ amount }) => amount),
        owners.map(() => 64),
      )
    },
  },
]

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

/** Where the server tells, waits until more callers are held up than one process has connections. */
async function untilBothWait(engine: Engine, table: string): Promise<void> {
  if (engine.sql.waiting) await untilSeen(async () => (await waitingOn(engine, table)) > 10)
}
