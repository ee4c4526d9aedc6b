import assert from 'node:assert/strict'
import { notNull } from '../condition.ts'
import { createUnique } from '../create-unique.ts'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems, createItemTable, createKey } from './items.ts'
import { rejectedAs } from './rejected.ts'
import { counted } from './watched.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'x' }

/** Each call must be refused as outside the key, for this property, before any SQL. */
async function refused(
  engine: Engine,
  calls: readonly (readonly [property: string | undefined, call: (db: Database) => Promise<unknown>])[],
): Promise<void> {
  for (const [property, call] of calls) {
    const { db, count } = counted(engine.db)
    const error = await rejectedAs('outside-key', call(db))
    assert.equal(error.property, property, error.message)
    assert.equal(count(), 0, `${error.message} ${count()} statements were sent.`)
  }
}

// Each @ts-expect-error is half of the case: the call must not compile either.
export const refusalCases: readonly Case[] = [
  {
    id: 'G14',
    name: 'an empty lookup is refused, before any SQL',
    async run(engine) {
      const { key } = await createItems(engine)
      await refused(engine, [
        // @ts-expect-error
        [undefined, (db) => getOrCreate(db, key, { where: {}, create })],
        // @ts-expect-error
        [undefined, (db) => updateOrCreate(db, key, { where: {}, update: create })],
        // @ts-expect-error
        [undefined, (db) => createUnique(db, key, { where: {}, create })],
      ])
    },
  },
  {
    id: 'G17',
    name: 'a lookup of more or fewer columns than the key is refused, before any SQL',
    async run(engine) {
      const { key } = await createItems(engine)
      await refused(engine, [
        // @ts-expect-error
        ['label', (db) => getOrCreate(db, key, { where: { ...where, label: 'x' }, create })],
        // @ts-expect-error
        ['nonsense', (db) => getOrCreate(db, key, { where: { ...where, nonsense: 1 }, create })],
        // @ts-expect-error
        ['kind', (db) => getOrCreate(db, key, { where: { owner: 1 }, create })],
        // @ts-expect-error
        ['owner', (db) => getOrCreate(db, key, { where: { kind: 'a', owner: undefined }, create })],
        // @ts-expect-error
        ['kind', (db) => updateOrCreate(db, key, { where: { owner: 1 }, update: create })],
        // @ts-expect-error
        ['kind', (db) => updateOrCreate(db, key, { where: { owner: 1 }, update: () => create, create })],
        // @ts-expect-error
        ['kind', (db) => createUnique(db, key, { where: { owner: 1 }, create })],
      ])
    },
  },
  {
    id: 'G17',
    name: 'unknown columns, and columns of the key, are refused in create, before any SQL',
    async run(engine) {
      const { key } = await createItems(engine)
      const lazy = () => 'x'
      await refused(engine, [
        // @ts-expect-error
        ['nonsense', (db) => getOrCreate(db, key, { where, create: { label: 'x', nonsense: 1 } })],
        // @ts-expect-error
        ['nonsense', (db) => getOrCreate(db, key, { where, create: { label: lazy, nonsense: lazy } })],
        // @ts-expect-error
        ['owner_id', (db) => getOrCreate(db, key, { where, create: { label: 'x', owner_id: 1 } })],
        // @ts-expect-error
        ['kind', (db) => getOrCreate(db, key, { where, create: { label: 'x', kind: 'b' } })],
        // @ts-expect-error
        ['nonsense', (db) => updateOrCreate(db, key, { where, update: { label: 'x', nonsense: 1 } })],
        [
          'nonsense',
          // @ts-expect-error
          (db) => updateOrCreate(db, key, { where, update: () => ({}), create: { label: 'x', nonsense: 1 } }),
        ],
      ])
    },
  },
  {
    id: 'G17',
    name: 'what only a function gives is checked before it is written',
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const wrong: object = { label: 'x', nonsense: 1 }
      const create = () => wrong as { label: string }
      assert.equal(
        (await rejectedAs('outside-key', getOrCreate(engine.db, key, { where, create }))).property,
        'nonsense',
      )
      assert.deepEqual(await rows(), [])
      await getOrCreate(engine.db, key, { where, create: { label: 'x' } })
      const before = await rows()
      const update = () => ({ amount: 1, ...wrong })
      await rejectedAs('outside-key', updateOrCreate(engine.db, key, { where, update, create }))
      assert.deepEqual(await rows(), before)
    },
  },
  {
    id: 'U10',
    name: 'columns of the key, of the primary key, and values outside the condition are refused in update',
    async run(engine) {
      const { items, name } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key`, condition: { note: null } })
      await createKey(engine, key)
      await refused(engine, [
        // @ts-expect-error
        ['owner', (db) => updateOrCreate(db, key, { where, update: { label: 'x', owner: 2 } })],
        // @ts-expect-error
        ['id', (db) => updateOrCreate(db, key, { where, update: { label: 'x', id: 2 } })],
        // @ts-expect-error
        ['note', (db) => updateOrCreate(db, key, { where, update: { label: 'x', note: 'removed' } })],
        // @ts-expect-error
        ['kind', (db) => updateOrCreate(db, key, { where, update: { label: 'x', kind: () => 'b' } })],
      ])
      await getOrCreate(engine.db, key, { where, create })
      const wrong: object = { kind: 'b' }
      const error = await rejectedAs(
        'outside-key',
        updateOrCreate(engine.db, key, { where, update: () => wrong, create }),
      )
      assert.equal(error.property, 'kind')
    },
  },
  {
    id: 'K02',
    name: 'a candidate outside the condition is refused, before any SQL; null is outside',
    async run(engine) {
      const { items, name } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner', 'kind'], {
        name: `${name}_key`,
        condition: { kind: ['a', 'b'], amount: [1, 2], note: notNull },
      })
      await createKey(engine, key)
      const rest = { label: 'x', amount: 1, note: 'n' } as const
      await refused(engine, [
        // @ts-expect-error
        ['kind', (db) => getOrCreate(db, key, { where: { owner: 1, kind: 'c' }, create: rest })],
        // @ts-expect-error
        ['kind', (db) => getOrCreate(db, key, { where: { owner: 1, kind: 'A' }, create: rest })],
        // @ts-expect-error
        ['amount', (db) => getOrCreate(db, key, { where, create: { ...rest, amount: 3 } })],
        // @ts-expect-error
        ['amount', (db) => getOrCreate(db, key, { where, create: { label: 'x', note: 'n' } })],
        // @ts-expect-error
        ['note', (db) => getOrCreate(db, key, { where, create: { ...rest, note: null } })],
        // @ts-expect-error
        ['note', (db) => getOrCreate(db, key, { where, create: { label: 'x', amount: 1 } })],
        // @ts-expect-error
        ['amount', (db) => updateOrCreate(db, key, { where, update: { amount: 3 }, create: rest })],
      ])
      const made = await getOrCreate(engine.db, key, { where: { owner: 1, kind: 'a' }, create: rest })
      assert.equal(made.created, true)
    },
  },
  {
    id: 'K04',
    name: 'NULL in a key column is refused, before any SQL, unless the key says that NULLs are equal',
    async run(engine) {
      const { items, name } = await createItemTable(engine)
      const distinct = uniqueKey(items, ['owner', 'note'], { name: `${name}_distinct` })
      const equal = uniqueKey(items, ['owner', 'note'], { name: `${name}_equal`, nulls: 'equal' })
      await createKey(engine, equal)
      const rest = { kind: 'a', label: 'x' }
      await refused(engine, [
        // @ts-expect-error
        ['note', (db) => getOrCreate(db, distinct, { where: { owner: 1, note: null }, create: rest })],
        // @ts-expect-error
        ['owner', (db) => getOrCreate(db, distinct, { where: { owner: null, note: 'n' }, create: rest })],
      ])
      const call = (note: string | null) =>
        getOrCreate(engine.db, equal, { where: { owner: 1, note }, create: rest })
      const calls = [await call(null), await call(null), await call('n'), await call(''), await call('n')]
      assert.deepEqual(
        calls.map(({ created }) => created),
        [true, false, true, true, false],
      )
      assert.equal(calls[1]?.row.note, null)
    },
  },
]
