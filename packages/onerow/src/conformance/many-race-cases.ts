import assert from 'node:assert/strict'
import { isOnerowError } from '../errors.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { begin } from './begin.ts'
import { openCallers } from './blocked.ts'
import type { Case } from './case.ts'
import { createItems, createItemTable, createKey } from './items.ts'
import { manyVerbs, upTo } from './many-verbs.ts'
import type { ManyCall } from './many-verbs.ts'
import { watched } from './watched.ts'

/** Of which a rival makes the third. */
const owners = [1, 2, 3, 4, 5]
const where = { owner: 3, kind: 'a' }

/** How a list ended that a rival's row was in the way of. */
async function outcomeOf(work: ReturnType<ManyCall>): Promise<string> {
  try {
    const results = await work
    assert.deepEqual(
      results.map(({ row, created }) => [row.owner, row.label, created]),
      owners.map((owner) => (owner === 3 ? [3, 'rival', false] : [owner, 'ours', true])),
    )
    return 'row'
  } catch (error) {
    if (isOnerowError(error)) return error.kind
    throw error
  }
}

/** Of the lists of several callers, each row must have been created by one, and given to all. */
function assertCreatedOnce(lists: readonly Awaited<ReturnType<ManyCall>>[], ids: readonly number[]): void {
  const results = lists.flat()
  for (const list of lists)
    assert.deepEqual(new Set(list.map(({ row }) => row.id)), new Set(ids), 'everyone gets the same rows')
  assert.deepEqual(
    results.flatMap(({ row, created }) => (created ? [row.id] : [])).toSorted((a, b) => a - b),
    ids,
  )
}

const racesOfVerbs: readonly Case[] = manyVerbs.flatMap(([verb, call]): readonly Case[] => [
  {
    id: 'B03',
    name: `lists with the same keys in opposite order, all held up by a rival in their midst, which rolls back: ${verb}`,
    needs: ['several sessions', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      const keys = upTo(30)
      const { sessions, untilBlocked } = await openCallers(engine, name, 3)
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql({ owner: 15, kind: 'a' }))
      const lists = sessions.map(({ db }, index) => call(db, key, index % 2 === 0 ? keys : keys.toReversed()))
      await untilBlocked(lists)
      await rival.execute('rollback')
      const results = await Promise.all(lists)
      assertCreatedOnce(
        results,
        (await rows()).map(({ id }) => id),
      )
      assert.equal((await rows()).length, keys.length)
    },
  },
  {
    id: 'B03',
    name: `16 callers on one pool, whose lists overlap, in opposite order: ${verb}`,
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const lists = await Promise.all(
        upTo(engine.load === 'full' ? 16 : 6).map((caller) => {
          const keys = upTo(20).map((owner) => owner + caller)
          return call(engine.db, key, caller % 2 === 0 ? keys : keys.toReversed())
        }),
      )
      const stored = await rows()
      assert.equal(stored.length, lists.length + 19)
      const idOf = new Map(stored.map(({ id, owner }) => [owner, id]))
      const results = lists.flat()
      for (const { row } of results) assert.equal(row.id, idOf.get(row.owner))
      assert.equal(results.filter(({ created }) => created).length, stored.length)
    },
  },
  {
    id: 'R02',
    name: `a rival commits a row of a list after the snapshot of a caller's transaction: ${verb}`,
    needs: ['several sessions', 'rivals of a reader'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      const { db, execute } = await engine.session()
      await begin({ execute }, engine, engine.isolation)
      assert.equal((await execute(`select id from ${name}`)).length, 0, 'the snapshot is taken')
      await engine.execute(insertSql(where))
      assert.equal((await rows()).length, 1, 'and the rival has committed')
      assert.equal(
        await outcomeOf(call(db, key, owners)),
        engine.sql.lateRow[engine.isolation ?? 'serializable'],
      )
      await execute('rollback')
      assert.equal((await rows()).length, 1)
    },
  },
  {
    id: 'R02',
    name: `a rival commits a row of a list while a caller's transaction waits for it: ${verb}`,
    needs: ['several sessions', 'rivals of a transaction', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      const { sessions, untilBlocked } = await openCallers(engine, name, 1)
      const [caller = assert.fail()] = sessions
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql(where))
      await begin(caller, engine, engine.isolation)
      const list = outcomeOf(call(caller.db, key, owners))
      await untilBlocked([list])
      await rival.execute('commit')
      assert.equal(await list, engine.sql.lateRow[engine.isolation ?? 'serializable'])
      await caller.execute('rollback')
      assert.equal((await rows()).length, 1)
    },
  },
])

const waitingLists: readonly Case[] = manyVerbs.flatMap(([verb, call]) =>
  (['commit', 'rollback'] as const).map((end): Case => ({
    id: 'R04',
    name: `a list waits for the row of a rival, which then does its ${end}: ${verb}`,
    needs: ['several sessions', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItems(engine)
      const { sessions, untilBlocked } = await openCallers(engine, name, 1)
      const { db } = sessions[0] ?? assert.fail()
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql(where))
      const list = call(db, key, owners)
      await untilBlocked([list])
      await rival.execute(end)
      if (end === 'commit') assert.equal(await outcomeOf(list), 'row')
      else assert.ok((await list).every(({ row, created }) => created && row.label === 'ours'))
      assert.equal((await rows()).length, 5)
    },
  })),
)

const listsInOrder: readonly Case[] = manyVerbs.map(([verb, call]) => ({
  id: 'B03',
  name: `no list is ended by a deadlock with another that has the same keys in opposite order: ${verb}`,
  needs: ['several sessions', 'rivals that block', 'no gap locks'],
  async run(engine) {
    const { key, name, insertSql } = await createItems(engine)
    const keys = upTo(30)
    const { sessions, untilBlocked } = await openCallers(engine, name, 3)
    const rival = await engine.session()
    await begin(rival, engine)
    await rival.execute(insertSql({ owner: 15 }))
    const failed: unknown[] = []
    const after = (_: string, error?: unknown) => error !== undefined && failed.push(error)
    const lists = sessions.map(({ db }, index) =>
      call(watched(db, { after }), key, index % 2 === 0 ? keys : keys.toReversed()),
    )
    await untilBlocked(lists)
    await rival.execute('rollback')
    await Promise.all(lists)
    assert.deepEqual(failed, [])
  },
}))

export const manyRaceCases: readonly Case[] = [
  ...racesOfVerbs,
  ...waitingLists,
  ...listsInOrder,
  ...(['plain values', 'functions'] as const).map((how): Case => ({
    id: 'G12',
    name: `a list meets another constraint first, for one rival, but the row of another is there by then: ${how}`,
    needs: ['several sessions', 'rivals of a transaction', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      const { key, name, insertSql, rows } = await createItemTable(engine)
      // An engine checks the older index first, and waits there.
      await engine.execute(`create unique index ${name}_label on ${name} (label)`)
      await createKey(engine, key)
      const { sessions, untilBlocked } = await openCallers(engine, name, 1)
      const { db } = sessions[0] ?? assert.fail()
      const rival = await engine.session()
      await begin(rival, engine)
      await rival.execute(insertSql({ owner: 9, label: 'label 3' }))
      const list = getOrCreateMany(
        db,
        key,
        owners.map((owner) => {
          const create = { label: `label ${owner}` }
          return { where: { owner, kind: 'a' }, create: how === 'functions' ? () => create : create }
        }),
      )
      await untilBlocked([list])
      await engine.execute(insertSql(where))
      await rival.execute('commit')
      assert.deepEqual(
        (await list).map(({ row, created }) => [row.label, created]),
        owners.map((owner) => (owner === 3 ? ['rival', false] : [`label ${owner}`, true])),
      )
      assert.equal((await rows()).length, 6)
    },
  })),
]
