import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateValues } from '../get-or-create.ts'
import { transaction } from '../transaction.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { gatheringDatabase } from './gathering.ts'
import { held } from './held.ts'
import { createItems, createLabelledItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { upTo } from './many-verbs.ts'
import { rejected, rejectedAs, saidAnywhere } from './rejected.ts'
import { counted } from './watched.ts'

const at = (owner: number) => ({ owner, kind: 'a' })
const create = { label: 'x' }

type Create = GetOrCreateValues<ItemKey>['create']

function call(db: Database, key: ItemKey, owner: number, given: Create = create) {
  return getOrCreate(db, key, { where: at(owner), create: given })
}

/** Calls for these owners at the same time. */
function callAll(db: Database, key: ItemKey, owners: readonly number[]) {
  return Promise.all(owners.map((owner) => call(db, key, owner)))
}

function outcomes(
  results: readonly { readonly row: { readonly owner: number }; readonly created: boolean }[],
) {
  return results.map(({ row, created }) => [row.owner, created])
}

/** Items of which the catalog has been read already, where it is read: those are statements, too. */
async function createKnownItems(engine: Engine) {
  const items = await createItems(engine)
  await call(engine.db, items.key, 0)
  return items
}

export const coalescingCases: readonly Case[] = [
  {
    id: 'C01',
    name: 'calls at the same time for rows that are there take fewer statements than calls; each gets its own row',
    needs: ['calls that gather'],
    async run(engine) {
      const { key, rows } = await createKnownItems(engine)
      const { db, count } = counted(gatheringDatabase(engine))
      const owners = upTo(40)
      await callAll(engine.db, key, owners)
      const found = await callAll(db, key, owners.toReversed())
      assert.deepEqual(outcomes(found), owners.map((owner) => [owner, false]).toReversed())
      assert.ok(count() < owners.length / 2, `${count()} statements`)
      const stored = await rows()
      assert.equal(stored.length, 41)
      for (const { row } of found)
        assert.deepEqual(
          { ...row },
          stored.find(({ id }) => id === row.id),
        )
    },
  },
  {
    id: 'C01',
    name: 'calls at the same time for new keys take fewer statements than calls; each creates its own row',
    needs: ['calls that gather', 'inserts that gather'],
    async run(engine) {
      const { key, rows } = await createKnownItems(engine)
      const { db, count } = counted(gatheringDatabase(engine))
      const owners = upTo(40)
      const made = await callAll(db, key, owners)
      assert.deepEqual(
        outcomes(made),
        owners.map((owner) => [owner, true]),
      )
      assert.ok(count() < owners.length / 2, `${count()} statements`)
      const stored = await rows()
      assert.equal(stored.length, 41)
      for (const { row } of made)
        assert.deepEqual(
          { ...row },
          stored.find(({ id }) => id === row.id),
        )
    },
  },
  {
    id: 'C01',
    name: 'calls at the same time for new keys, old ones and the same one: each created once',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      await callAll(engine.db, key, [2, 5])
      const owners = [1, 2, 3, 3, 4, 5, 3, 1, 6, 2]
      const results = await callAll(engine.db, key, owners)
      const stored = await rows()
      const idOf = new Map(stored.map(({ id, owner }) => [owner, id]))
      assert.deepEqual(
        results.map(({ row }) => row.id),
        owners.map((owner) => idOf.get(owner)),
      )
      const created = results.filter((result) => result.created).map(({ row }) => row.owner)
      assert.deepEqual(
        created.toSorted((a, b) => a - b),
        [1, 3, 4, 6],
      )
      assert.equal(stored.length, 6)
    },
  },
  {
    id: 'C01',
    name: 'calls at the same time that give different columns',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const shapes: readonly Create[] = [
        { label: 'a' },
        { label: 'b', note: 'n' },
        { label: 'c', note: null },
        { label: 'd', amount: 7 },
        { label: () => 'e' },
        () => ({ label: 'f', amount: 8 }),
      ]
      const results = await Promise.all(
        upTo(18).map((owner) => call(engine.db, key, owner, shapes[owner % shapes.length])),
      )
      const expected = [
        ['a', null, 0],
        ['b', 'n', 0],
        ['c', null, 0],
        ['d', null, 7],
        ['e', null, 0],
        ['f', null, 8],
      ]
      for (const { row, created } of results)
        assert.deepEqual(
          [created, row.label, row.note, row.amount],
          [true, ...(expected[row.owner % 6] ?? [])],
        )
      assert.equal((await rows()).length, 18)
    },
  },
  {
    id: 'C02',
    name: 'an error stays with its own call; those at the same time get their rows',
    async run(engine) {
      const { key, rows } = await createLabelledItems(engine, 'check (amount >= 0)')
      const calls = upTo(20).map((index) => {
        const label = index === 14 ? 'taken' : `label ${index}`
        return call(engine.db, key, 100 + index, { label, amount: index === 7 ? -1 : 1 })
      })
      const ends = await Promise.allSettled(calls)
      const failed = ends.flatMap(({ status }, index) => (status === 'rejected' ? [index + 1] : []))
      assert.deepEqual(failed, [7, 14])
      const conflict = await rejectedAs('conflict-elsewhere', calls[13] ?? assert.fail())
      assert.match(conflict.constraint, /label/)
      const alone = await rejected(call(engine.db, key, 107, { label: 'label 7', amount: -1 }))
      const error = await rejected(calls[6] ?? assert.fail())
      assert.deepEqual([error.constructor, saidAnywhere(error)], [alone.constructor, saidAnywhere(alone)])
      const stored = await rows()
      for (const end of ends)
        if (end.status === 'fulfilled')
          assert.deepEqual(
            [end.value.created, stored.some(({ id }) => id === end.value.row.id)],
            [true, true],
          )
      assert.equal(stored.length, 19)
    },
  },
  {
    id: 'C03',
    name: 'a call that is aborted while it waits for others leaves: its row is not created, theirs are',
    needs: ['calls that gather'],
    async run(engine) {
      const { key, rows } = await createKnownItems(engine)
      const { db, release, untilHeld } = held(gatheringDatabase(engine))
      const first = call(db, key, 1)
      await untilHeld(1)
      const controllers = upTo(4).map(() => new AbortController())
      const waiting = controllers.map(({ signal }, index) =>
        getOrCreate(db, key, { where: at(index + 2), create }, { signal }),
      )
      const reason = new Error('no time')
      controllers[1]?.abort(reason)
      controllers[3]?.abort(reason)
      // Nothing is let go yet: they do not wait for what is under way.
      await Promise.all([1, 3].map((index) => assert.rejects(waiting[index] ?? assert.fail(), reason)))
      release()
      const others = await Promise.all([first, waiting[0] ?? first, waiting[2] ?? first])
      assert.deepEqual(outcomes(others), [
        [1, true],
        [2, true],
        [4, true],
      ])
      assert.deepEqual(
        (await rows()).map(({ owner }) => owner).toSorted((a, b) => a - b),
        [0, 1, 2, 4],
      )
    },
  },
  {
    id: 'C03',
    name: 'all that wait are aborted: those who come later do not wait for them',
    needs: ['calls that gather'],
    async run(engine) {
      const { key, rows } = await createKnownItems(engine)
      const { db, release, untilHeld } = held(gatheringDatabase(engine))
      const first = [1, 2].map((owner) => call(db, key, owner))
      await untilHeld(2)
      const controller = new AbortController()
      const { signal } = controller
      const waiting = [3, 4].map((owner) => getOrCreate(db, key, { where: at(owner), create }, { signal }))
      const reason = new Error('no time')
      controller.abort(reason)
      for (const work of waiting) await assert.rejects(work, reason)
      const later = callAll(engine.db, key, [5, 6])
      assert.deepEqual(outcomes(await later), [
        [5, true],
        [6, true],
      ])
      release()
      assert.deepEqual(outcomes(await Promise.all(first)), [
        [1, true],
        [2, true],
      ])
      assert.deepEqual(
        (await rows()).map(({ owner }) => owner).toSorted((a, b) => a - b),
        [0, 1, 2, 5, 6],
      )
    },
  },
  {
    id: 'C04',
    name: "calls in a caller's transaction do not gather: each is a statement of that transaction",
    async run(engine) {
      const { key, rows } = await createKnownItems(engine)
      let sent = 0
      const outside: Promise<unknown>[] = []
      const stop = new Error('roll back')
      const work = transaction(engine.db, async (tx) => {
        const { db, count } = counted(tx)
        const results = []
        // On a pool, others are under way outside, to gather with.
        if (engine.db.coalesce) outside.push(callAll(engine.db, key, [7, 8, 9]))
        for (const owner of upTo(5)) results.push(await call(db, key, owner))
        results.push(...(await callAll(db, key, [6, 1])))
        assert.deepEqual(
          results.map(({ created }) => created),
          [true, true, true, true, true, true, false],
        )
        sent = count()
        throw stop
      })
      await assert.rejects(work, stop)
      await Promise.all(outside)
      assert.ok(sent >= 7, `${sent} statements`)
      assert.equal((await rows()).filter(({ owner }) => owner >= 1 && owner <= 6).length, 0)
    },
  },
  {
    id: 'C05',
    name: 'coalesce: false: each call sends its own statements',
    async run(engine) {
      const { key } = await createKnownItems(engine)
      const { db, count } = counted({ ...engine.db, coalesce: false as const })
      const owners = upTo(20)
      const made = await callAll(db, key, owners)
      assert.deepEqual(
        outcomes(made),
        owners.map((owner) => [owner, true]),
      )
      assert.ok(count() >= owners.length, `${count()} statements to create`)
      const before = count()
      assert.deepEqual(
        outcomes(await callAll(db, key, owners)),
        owners.map((owner) => [owner, false]),
      )
      assert.equal(count() - before, owners.length)
    },
  },
  {
    id: 'R01',
    name: '64 callers at the same time on one fresh key, whether their calls gather or not: one creates it',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      for (const [owner, db] of [engine.db, { ...engine.db, coalesce: false as const }].entries()) {
        const results = await callAll(
          db,
          key,
          Array.from({ length: 64 }, () => owner),
        )
        assert.equal(results.filter(({ created }) => created).length, 1)
        const ids = (await rows()).flatMap((row) => (row.owner === owner ? [row.id] : []))
        assert.deepEqual([...new Set(results.map(({ row }) => row.id))], ids)
      }
      assert.equal((await rows()).length, 2)
    },
  },
]
