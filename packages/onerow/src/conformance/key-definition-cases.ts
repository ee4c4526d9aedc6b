import assert from 'node:assert/strict'
import { createUnique } from '../create-unique.ts'
import { lower } from '../expression.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import type { Case } from './case.ts'
import { createItems, createItemTable, createKey, declareItems } from './items.ts'
import { rejectedAs } from './rejected.ts'

const where = { owner: 1, kind: 'a' }

export const keyDefinitionCases: readonly Case[] = [
  {
    id: 'K05',
    name: 'a definition that cannot work is refused where it is written',
    async run(engine) {
      const { items } = declareItems(engine.uniqueName('item'))
      const name = 'k'
      const absent = undefined as unknown as string
      const wrong: readonly (readonly [message: RegExp, define: () => unknown])[] = [
        [/no name/, () => uniqueKey(items, ['owner'], { name: '' })],
        // @ts-expect-error
        [/no name/, () => uniqueKey(items, ['owner'], {})],
        [/no columns/, () => uniqueKey(items, [], { name })],
        // @ts-expect-error
        [/"colour" is not a column/, () => uniqueKey(items, ['colour'], { name })],
        // @ts-expect-error
        [/"owner_id" is not a column/, () => uniqueKey(items, ['owner_id'], { name })],
        // @ts-expect-error
        [/"colour" is not a column/, () => uniqueKey(items, [lower('colour')], { name })],
        [/"owner" twice/, () => uniqueKey(items, ['owner', 'kind', 'owner'], { name })],
        [/"label" twice/, () => uniqueKey(items, ['label', lower('label')], { name })],
        // @ts-expect-error
        [/"colour"/, () => uniqueKey(items, ['owner'], { name, condition: { colour: 'red' } })],
        [/no value for "kind"/, () => uniqueKey(items, ['owner'], { name, condition: { kind: [] } })],
        [/"kind" holds undefined/, () => uniqueKey(items, ['owner'], { name, condition: { kind: absent } })],
        [
          /"amount" holds NaN/,
          () => uniqueKey(items, ['owner'], { name, condition: { amount: [1, Number.NaN] } }),
        ],
        [/NULLs are never equal/, () => uniqueKey(items, ['note'], { name, condition: { note: null } })],
        [/needs a name/, () => table('', { columns: {} })],
        [/needs the name of its column/, () => table<{ a: 1 }>('t', { columns: { a: '' } })],
        [/called "onerow"/, () => table<{ onerow: 1 }>('t', { columns: { onerow: 'x' } })],
        [/both name the column "x"/, () => table<{ a: 1; b: 1 }>('t', { columns: { a: 'x', b: 'x' } })],
        // @ts-expect-error
        [/primary key names "b"/, () => table<{ a: 1 }>('t', { columns: { a: 'a' }, primaryKey: ['b'] })],
      ]
      for (const [message, define] of wrong) assert.throws(define, { name: 'TypeError', message })
    },
  },
  {
    id: 'K03',
    name: 'soft delete: a deleted row frees the key, and is never returned',
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const alive = uniqueKey(items, ['owner', 'kind'], { name: `${name}_alive`, condition: { note: null } })
      await createKey(engine, alive)
      const { db } = await engine.open({ connections: 1 })
      // More calls than a driver or server sends one after the other before it plans them otherwise.
      const ids = new Set<number>()
      for (let generation = 0; generation < 8; generation++) {
        const create = generation % 2 === 0 ? { label: 'x' } : () => ({ label: 'x', note: null })
        const made = await getOrCreate(db, alive, { where, create })
        const found = await getOrCreate(db, alive, { where, create })
        assert.deepEqual([made.created, found.created, found.row.id], [true, false, made.row.id])
        assert.equal(made.row.note, null)
        ids.add(made.row.id)
        await engine.execute(`update ${name} set note = 'deleted' where id = ${made.row.id}`)
      }
      assert.equal(ids.size, 8)
      assert.equal((await rows()).length, 8)
    },
  },
  {
    id: 'K08',
    name: "createUnique: the new row, or already-exists with the key's message, its code, and the row",
    async run(engine) {
      const { items, key, name, rows } = await createItems(engine)
      const told = uniqueKey(items, ['owner', 'kind'], {
        name: `${name}_key`,
        message: 'This owner has one already.',
        code: 'OWNER_HAS_ONE',
      })
      const first = await createUnique(engine.db, told, { where, create: { label: 'first' } })
      assert.deepEqual(await rows(), [{ ...first }])
      const error = await rejectedAs(
        'already-exists',
        createUnique(engine.db, told, { where, create: { label: 'second' } }),
      )
      assert.equal(error.message, 'This owner has one already.')
      assert.equal(error.code, 'OWNER_HAS_ONE')
      assert.equal(error.key, `${name}_key`)
      assert.deepEqual(error.row, first)
      assert.deepEqual(await rows(), [{ ...first }])

      const plain = await rejectedAs(
        'already-exists',
        createUnique(engine.db, key, { where, create: { label: 'x' } }),
      )
      assert.match(plain.message, /owner, kind/)
      assert.equal(plain.code, undefined)
    },
  },
]
