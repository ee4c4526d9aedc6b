import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case, Need } from './case.ts'
import { createItemTable, createKey } from './items.ts'
import type { ItemKey } from './items.ts'
import { rejectedAs } from './rejected.ts'

type Call = (db: Database, key: ItemKey, owner: number) => Promise<{ readonly created: boolean }>

const ways: readonly (readonly [name: string, call: Call])[] = [
  [
    'plain values',
    (db, key, owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create: { label: 'x' } }),
  ],
  [
    'a function in create',
    (db, key, owner) => getOrCreate(db, key, { where: { owner, kind: 'a' }, create: () => ({ label: 'x' }) }),
  ],
  [
    'updateOrCreate',
    (db, key, owner) => updateOrCreate(db, key, { where: { owner, kind: 'a' }, update: { label: 'x' } }),
  ],
  [
    'updateOrCreate by function',
    (db, key, owner) =>
      updateOrCreate(db, key, { where: { owner, kind: 'a' }, update: () => ({}), create: { label: 'x' } }),
  ],
]

/** What has become of the index while the process runs. */
const changes: readonly (readonly [
  what: string,
  statements: (table: string) => readonly string[],
  needs?: readonly Need[],
])[] = [
  ['is dropped', () => []],
  [
    'is replaced by one that is not unique',
    (table) => [`create index ${table}_key on ${table} (owner_id, kind)`],
  ],
  [
    'is replaced by one with another condition',
    (table) => [`create unique index ${table}_key on ${table} (owner_id, kind) where kind = 'b'`],
    ['conditional indexes'],
  ],
  [
    'is replaced by one on other columns',
    (table) => [`create unique index ${table}_key on ${table} (owner_id, kind, label)`],
  ],
]

const dropped: readonly Case[] = changes.flatMap(([what, statements, needs = []]) =>
  ways.map(([way, call]) => ({
    id: 'R10',
    name: `the index ${what}: the next call says so, and writes no duplicate: ${way}`,
    needs,
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const key: ItemKey = uniqueKey(items, ['owner', 'kind'], { name: `${name}_key` })
      await createKey(engine, key)
      const { db } = await engine.open({ connections: 1 })
      // Enough calls for every statement to be prepared, and planned for good.
      for (let n = 0; n < 8; n++) assert.equal((await call(db, key, n % 4)).created, n < 4)
      await engine.execute(engine.sql.dropIndex(key.name, name))
      for (const statement of statements(name)) await engine.execute(statement)
      const before = await rows()
      for (let n = 0; n < 2; n++) {
        await rejectedAs('key-not-enforced', call(db, key, 1))
        await rejectedAs('key-not-enforced', call(db, key, 7))
      }
      assert.deepEqual(await rows(), before)
      const { sql } = await rejectedAs('key-not-enforced', call(db, key, 1))
      await engine.script(sql)
      assert.deepEqual([(await call(db, key, 1)).created, (await call(db, key, 7)).created], [false, true])
    },
  })),
)

export const droppedIndexCases: readonly Case[] = [
  ...dropped,
  {
    id: 'R10',
    name: 'the index of a key whose NULLs are equal is replaced by one for which they are not',
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const key = uniqueKey(items, ['owner', 'note'], { name: `${name}_key`, nulls: 'equal' })
      await createKey(engine, key)
      const { db } = await engine.open({ connections: 1 })
      const call = (owner: number) =>
        getOrCreate(db, key, { where: { owner, note: null }, create: { kind: 'a', label: 'x' } })
      for (let n = 0; n < 8; n++) assert.equal((await call(n % 4)).created, n < 4)
      await engine.execute(engine.sql.dropIndex(key.name, name))
      await engine.execute(`create unique index ${key.name} on ${name} (owner_id, note)`)
      const before = await rows()
      await rejectedAs('key-not-enforced', call(1))
      const { sql } = await rejectedAs('key-not-enforced', call(7))
      assert.deepEqual(await rows(), before)
      await engine.script(sql)
      assert.deepEqual([(await call(1)).created, (await call(7)).created], [false, true])
    },
  },
]
