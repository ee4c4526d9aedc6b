import assert from 'node:assert/strict'
import { createUnique, getOrCreate, transaction, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { createItems } from '../../src/conformance/items.ts'
import { rejectedAs, rejectedByTool } from '../../src/conformance/rejected.ts'
import { openImpatient } from './open-impatient.ts'
import { openSystems } from './systems.ts'
import { verbs } from './verbs.ts'

// What the suite's R09 leaves open: connections that others hold, pools that do not wait for ever, and several calls in one
// transaction.

/** Takes connections, each for a transaction that does nothing, until told to give them back. */
async function holding(db: Database, connections: number) {
  const release = Promise.withResolvers<void>()
  const begun: Promise<void>[] = []
  const held = Array.from({ length: connections }, () => {
    const begin = Promise.withResolvers<void>()
    begun.push(begin.promise)
    return db.begin(async () => {
      begin.resolve()
      await release.promise
    })
  })
  await Promise.all(begun)
  return {
    async release() {
      release.resolve()
      await Promise.all(held)
    },
  }
}

for (const { test, skip, tool } of await openSystems('pool_exhausted', ['postgres', 'mariadb', 'sqlite'])) {
  for (const connections of tool === 'node-sqlite' ? [1] : [1, 2]) {
    test(`64 callers while others hold all of ${connections}: each waits, and then ends`, async (engine) => {
      const { key, rows } = await createItems(engine)
      const { db } = await engine.open({ connections })
      const held = await holding(db, connections)
      let ended = 0
      const calls = Array.from({ length: 64 }, async (_, n) => {
        // Each owner is one of four, and meets each verb.
        const result = await verbs[n % verbs.length]?.call(db, key, n % 4)
        ended++
        return { owner: n % 4, created: result?.created }
      })
      assert.equal((await rows()).length, 0)
      assert.equal(ended, 0)
      await held.release()
      const results = await Promise.all(calls)
      const creators = results.filter(({ created }) => created).map(({ owner }) => owner)
      assert.deepEqual(
        creators.toSorted((a, b) => a - b),
        [0, 1, 2, 3],
      )
      assert.equal((await rows()).length, 4)
    })

    test(`64 transactions of several calls each on a pool of ${connections}`, async (engine) => {
      const { key, rows } = await createItems(engine)
      const { db } = await engine.open({ connections })
      const [where, create] = [{ owner: 1, kind: 'a' }, { label: 'ours' }]
      const work = async (tx: Database, n: number) => {
        await getOrCreate(tx, key, { where, create: async () => create })
        await updateOrCreate(tx, key, {
          where,
          update: async ({ amount }) => ({ amount: amount + 1 }),
          create,
        })
        await createUnique(tx, key, { where: { owner: 100 + n, kind: 'own' }, create })
        // Half of them fail, and give their connections back too.
        if (n % 2 === 1) await createUnique(tx, key, { where, create })
      }
      const calls = Array.from({ length: 64 }, (_, n) => {
        const call = transaction(db, (tx) => work(tx, n))
        return n % 2 === 1 ? rejectedAs('already-exists', call) : call
      })
      await Promise.all(calls)
      const [shared = assert.fail(), ...own] = (await rows()).toSorted((a, b) => a.owner - b.owner)
      assert.equal(shared.amount, 32)
      assert.deepEqual(
        own.map(({ owner }) => owner),
        Array.from({ length: 32 }, (_, n) => 100 + 2 * n),
      )
    })
  }

  const impatient = openImpatient[tool]
  const refused = "a pool that does not wait for ever: the tool's own error, and later calls work"
  if (typeof impatient === 'string') {
    skip(refused, impatient)
    continue
  }
  test(refused, async (engine, where) => {
    const { key, rows } = await createItems(engine)
    await using closing = new AsyncDisposableStack()
    const { db, refusal, close } = impatient(where, 2)
    closing.defer(close)
    const held = await holding(db, 2)
    const errors = await Promise.all(verbs.map(({ call }, owner) => rejectedByTool(call(db, key, owner))))
    for (const { message } of errors) assert.match(message, refusal)
    assert.equal((await rows()).length, 0)
    await held.release()
    for (const [owner, { call }] of verbs.entries()) assert.equal((await call(db, key, owner)).created, true)
    assert.equal((await rows()).length, verbs.length)
  })
}
