import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateValues } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { UpdateOrCreateByFunction, UpdateOrCreateValues } from '../update-or-create.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems, createItemTable, createKey } from './items.ts'
import type { Item, ItemKey } from './items.ts'

const at = (owner: number) => ({ owner, kind: 'a' })

interface Result {
  readonly row: Item
  readonly created: boolean
  readonly outcome?: string
}

/** What came of a call, but for the id. */
function told({ row, created, outcome }: Result) {
  const { owner, label, note, amount } = row
  return { owner, label, note, amount, created, outcome }
}

/** A list must answer, and leave behind, what single calls in the same order do. */
async function asSingleCalls<Values>(
  engine: Engine,
  calls: () => readonly Values[],
  verb: {
    readonly list: (key: ItemKey, calls: readonly Values[]) => Promise<readonly Result[]>
    readonly alone: (key: ItemKey, call: Values) => Promise<Result>
  },
): Promise<readonly Result[]> {
  const [listed, single] = [await createItems(engine), await createItems(engine)]
  for (const { insertSql } of [listed, single])
    for (const owner of [3, 5]) await engine.execute(insertSql({ owner, label: 'stored' }))
  const expected: Result[] = []
  for (const call of calls()) expected.push(await verb.alone(single.key, call))
  const results = await verb.list(listed.key, calls())
  assert.deepEqual(results.map(told), expected.map(told))
  const stored = await listed.rows()
  for (const { row } of results)
    assert.ok(stored.some(({ id, owner }) => id === row.id && owner === row.owner))
  const inOrder = (rows: readonly Item[]) =>
    rows.map((row) => told({ row, created: false })).toSorted((a, b) => a.owner - b.owner)
  assert.deepEqual(inOrder(stored), inOrder(await single.rows()))
  return results
}

function getOrCreateAsSingleCalls(engine: Engine, calls: () => readonly GetOrCreateValues<ItemKey>[]) {
  return asSingleCalls(engine, calls, {
    list: (key, list) => getOrCreateMany(engine.db, key, list),
    alone: (key, call) => getOrCreate(engine.db, key, call),
  })
}

type UpdateCall =
  | UpdateOrCreateByFunction<ItemKey>
  | UpdateOrCreateValues<
      ItemKey,
      { readonly label?: string; readonly note?: string | null; readonly amount?: number }
    >

function updateOrCreateAsSingleCalls(engine: Engine, calls: () => readonly UpdateCall[]) {
  return asSingleCalls(engine, calls, {
    list: (key, list) =>
      updateOrCreateMany(engine.db, key, list as readonly UpdateOrCreateByFunction<ItemKey>[]),
    alone: (key, call) => updateOrCreate(engine.db, key, call as UpdateOrCreateByFunction<ItemKey>),
  })
}

function outcomes(results: readonly Result[]) {
  return results.map(({ created, outcome }) => outcome ?? created)
}

/** A label, and the names of those that were asked for. */
function givingLabels() {
  const given: string[] = []
  return {
    given,
    label: (name: string) => () => {
      given.push(name)
      return name
    },
  }
}

export const manyCases: readonly Case[] = [
  {
    id: 'B01',
    name: 'getOrCreateMany on new and old keys: each row in the order of the calls, with its own created',
    async run(engine) {
      const results = await getOrCreateAsSingleCalls(engine, () =>
        [4, 3, 1, 5, 2].map((owner) => ({ where: at(owner), create: { label: `new ${owner}` } })),
      )
      assert.deepEqual(outcomes(results), [true, false, true, false, true])
      assert.deepEqual(
        results.map(({ row }) => row.label),
        ['new 4', 'stored', 'new 1', 'stored', 'new 2'],
      )
    },
  },
  {
    id: 'B01',
    name: 'updateOrCreateMany on new and old keys: each row in the order of the calls, with its own outcome',
    async run(engine) {
      const results = await updateOrCreateAsSingleCalls(engine, () =>
        [4, 3, 1, 5, 2].map((owner) => ({
          where: at(owner),
          update: { amount: owner === 5 ? 0 : owner },
          create: { label: `new ${owner}` },
        })),
      )
      assert.deepEqual(outcomes(results), ['created', 'updated', 'created', 'unchanged', 'created'])
    },
  },
  {
    id: 'B01',
    name: 'getOrCreateMany: the calls of one list give different columns',
    async run(engine) {
      const results = await getOrCreateAsSingleCalls(engine, () => [
        { where: at(2), create: { label: 'a' } },
        { where: at(1), create: { label: 'b', note: 'n' } },
        { where: at(3), create: { label: 'c', note: null } },
        { where: at(6), create: { label: 'd', note: null, amount: 6 } },
        { where: at(2), create: { label: 'e', amount: 2 } },
        { where: at(4), create: { label: 'f' } },
      ])
      assert.deepEqual(outcomes(results), [true, true, false, true, false, true])
    },
  },
  {
    id: 'B01',
    name: 'updateOrCreateMany: the calls of one list give different columns, or none to change',
    async run(engine) {
      const label = (name: string) => ({ label: name })
      const results = await updateOrCreateAsSingleCalls(engine, () => [
        { where: at(3), update: { amount: 3 }, create: label('a') },
        { where: at(1), update: { note: 'n' }, create: label('b') },
        { where: at(5), update: { note: null }, create: label('c') },
        { where: at(3), update: {}, create: label('d') },
        { where: at(2), update: {}, create: label('e') },
        { where: at(1), update: { note: null, amount: 1 }, create: label('f') },
        { where: at(6), update: { label: 'both' } },
      ])
      assert.deepEqual(outcomes(results), [
        'updated',
        'created',
        'unchanged',
        'unchanged',
        'created',
        'updated',
        'created',
      ])
    },
  },
  {
    id: 'B01',
    name: 'functions in the calls of a list are called only if they are needed, and once',
    async run(engine) {
      const { key } = await createItems(engine)
      const { given, label } = givingLabels()
      const calls = () => [
        { where: at(1), create: { label: label('first') } },
        { where: at(2), create: { label: 'plain' } },
        { where: at(1), create: { label: label('second') } },
        { where: at(3), create: async () => ({ label: label('third') }) },
      ]
      const results = await getOrCreateMany(engine.db, key, calls())
      assert.deepEqual(outcomes(results), [true, true, false, true])
      assert.deepEqual([results[0]?.row.label, results[3]?.row.label], ['first', 'third'])
      assert.deepEqual(given, ['first', 'third'])
      assert.deepEqual(outcomes(await getOrCreateMany(engine.db, key, calls())), [false, false, false, false])
      assert.deepEqual(given, ['first', 'third'])

      const updated = await updateOrCreateMany(engine.db, key, [
        {
          where: at(1),
          update: ({ amount }) => ({ amount: amount + 1 }),
          create: { label: label('fourth') },
        },
        { where: at(4), update: ({ amount }) => ({ amount: amount + 1 }), create: { label: label('fifth') } },
        { where: at(4), update: ({ amount }) => ({ amount: amount + 1 }), create: { label: label('sixth') } },
      ])
      assert.deepEqual(outcomes(updated), ['updated', 'created', 'updated'])
      assert.deepEqual(given, ['first', 'third', 'fifth'])
    },
  },
  {
    id: 'B02',
    name: 'getOrCreateMany with the same key several times: the first creates, the others find',
    async run(engine) {
      const results = await getOrCreateAsSingleCalls(engine, () =>
        [2, 1, 2, 3, 1, 2].map((owner, index) => ({ where: at(owner), create: { label: `call ${index}` } })),
      )
      assert.deepEqual(outcomes(results), [true, true, false, false, false, false])
      assert.equal(results[5]?.row.label, 'call 0')
    },
  },
  {
    id: 'B02',
    name: 'updateOrCreateMany with the same key several times: each is applied to what the one before left',
    async run(engine) {
      const amounts = [
        [2, 7],
        [3, 7],
        [2, 8],
        [2, 8],
        [3, 0],
        [2, 7],
      ] as const
      const results = await updateOrCreateAsSingleCalls(engine, () =>
        amounts.map(([owner, amount]) => ({ where: at(owner), update: { amount }, create: { label: 'x' } })),
      )
      assert.deepEqual(outcomes(results), [
        'created',
        'updated',
        'updated',
        'unchanged',
        'updated',
        'updated',
      ])
      assert.deepEqual(
        results.map(({ row }) => row.amount),
        [7, 7, 8, 8, 0, 7],
      )
    },
  },
  {
    id: 'B07',
    name: "keys that are equal by the column's collation, not in JavaScript: all get the one row",
    needs: ['case-insensitive collations'],
    async run(engine) {
      const { items, name } = await createItemTable(engine)
      for (const statement of engine.sql.caseInsensitive(name, 'note')) await engine.execute(statement)
      const key = uniqueKey(items, ['note'], { name: `${name}_key` })
      await createKey(engine, key)
      const spellings = ['Bob', 'Alice', 'bob', 'BOB ', 'alice', 'bob ', 'Carol']
      const create = { owner: 1, kind: 'a', label: 'x' }
      const ways: readonly ((db: Database) => Promise<readonly Result[]>)[] = [
        (db) =>
          getOrCreateMany(
            db,
            key,
            spellings.map((note) => ({ where: { note }, create })),
          ),
        (db) =>
          updateOrCreateMany(
            db,
            key,
            spellings.map((note) => ({ where: { note }, update: { amount: 1 }, create })),
          ),
        (db) => Promise.all(spellings.map((note) => getOrCreate(db, key, { where: { note }, create }))),
      ]
      for (const way of ways) {
        await engine.execute(`delete from ${name}`)
        const results = await way(engine.db)
        for (const [index, note] of spellings.entries()) {
          // Which of the spellings are equal, the database itself must say.
          const found = await engine.execute(`select id from ${name} where note = '${note}'`)
          assert.deepEqual(
            found.map(({ id }) => id),
            [results[index]?.row.id],
            note,
          )
        }
        const ids = results.filter(({ created }) => created).map(({ row }) => row.id)
        assert.deepEqual(new Set(ids), new Set(results.map(({ row }) => row.id)))
        assert.equal(new Set(ids).size, ids.length, 'each is created once')
        assert.equal(results[0]?.row.id, results[2]?.row.id)
      }
    },
  },
]
