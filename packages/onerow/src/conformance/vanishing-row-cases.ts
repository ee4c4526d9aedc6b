import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import { openCallers } from './blocked.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'
import { rejectedAs } from './rejected.ts'
import { watched } from './watched.ts'

const where = { owner: 1, kind: 'a' }
const create = () => ({ label: 'ours' })

/** A rival that adds the row before our insert, and removes it before we look again, as often as told. */
async function vanishingRow(engine: Engine, times: number) {
  const { key, name, insertSql, rows } = await createItems(engine)
  const did: string[] = []
  const rival = async (what: string, statement: string): Promise<void> => {
    if (did.length >= 2 * times) return
    did.push(what)
    await engine.execute(statement)
  }
  // Where the insert is in a transaction of its own, the delete waits for the end of that.
  let deleted: Promise<void> | undefined
  const watch = (db: Database) =>
    watched(db, {
      before: async (text) => {
        await deleted
        if (text.startsWith('insert')) await rival('insert', insertSql(where))
      },
      after: (text) => {
        if (text.startsWith('insert')) deleted = rival('delete', `delete from ${name}`)
      },
    })
  return { key, rows, did, watch }
}

const calls: readonly (readonly [
  name: string,
  call: (db: Database, key: ItemKey) => Promise<{ readonly created: boolean }>,
])[] = [
  ['getOrCreate', (db, key) => getOrCreate(db, key, { where, create })],
  ['updateOrCreate', (db, key) => updateOrCreate(db, key, { where, update: { amount: 1 }, create })],
]

export const vanishingRowCases: readonly Case[] = [
  ...calls.flatMap(([name, call]): readonly Case[] => [
    {
      id: 'R03',
      name: `a rival's row is in the way and gone when we look again: we try again: ${name}`,
      needs: ['several sessions'],
      atEachLevel: true,
      async run(engine) {
        const { key, rows, did, watch } = await vanishingRow(engine, 2)
        const { created } = await call(watch(engine.db), key)
        assert.deepEqual(did, ['insert', 'delete', 'insert', 'delete'])
        assert.equal(created, true)
        assert.deepEqual(
          (await rows()).map(({ label }) => label),
          ['ours'],
        )
      },
    },
    {
      id: 'R03',
      name: `it is so again and again: we give up: ${name}`,
      needs: ['several sessions'],
      async run(engine) {
        const { key, rows, did, watch } = await vanishingRow(engine, Infinity)
        const error = await rejectedAs('contention', call(watch(engine.db), key))
        assert.ok(error.attempts > 2)
        assert.equal(did.length, 2 * error.attempts)
        assert.deepEqual(await rows(), [])
      },
    },
    {
      id: 'R03',
      name: `it is so inside a caller's transaction: ${name}`,
      needs: ['several sessions', 'rivals of a transaction', 'rivals of a conflict'],
      async run(engine) {
        const { key, rows, did, watch } = await vanishingRow(engine, 1)
        const { db, execute } = await engine.session()
        await begin({ execute }, engine, 'read committed')
        const { created } = await call(watch(db), key)
        await execute('commit')
        assert.deepEqual(did, ['insert', 'delete'])
        assert.equal(created, true)
        assert.deepEqual(
          (await rows()).map(({ label }) => label),
          ['ours'],
        )
      },
    },
  ]),
  {
    id: 'R03',
    name: "it is so inside the call's own transaction: updateOrCreate by function",
    needs: ['several sessions', 'rivals of a transaction', 'rivals of a conflict'],
    atEachLevel: true,
    async run(engine) {
      const { key, rows, did, watch } = await vanishingRow(engine, 1)
      const { created } = await updateOrCreate(watch(engine.db), key, {
        where,
        update: () => ({ amount: 1 }),
        create,
      })
      assert.deepEqual(did, ['insert', 'delete'])
      assert.deepEqual([created, (await rows()).map(({ label }) => label)], [true, ['ours']])
    },
  },
  {
    id: 'R03',
    name: 'a rival commits its row while we wait, and removes it before we look again',
    needs: ['several sessions', 'one statement', 'rivals that block'],
    atEachLevel: true,
    async run(engine) {
      for (const call of [
        (db: Database, key: ItemKey) => getOrCreate(db, key, { where, create: { label: 'ours' } }),
        (db: Database, key: ItemKey) =>
          updateOrCreate(db, key, { where, update: { amount: 1 }, create: { label: 'ours' } }),
      ]) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { sessions, untilBlocked } = await openCallers(engine, name, 1)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(insertSql(where))
        let statements = 0
        const db = watched(sessions[0]?.db ?? assert.fail(), {
          after: () => statements++ === 0 && engine.execute(`delete from ${name}`),
        })
        const work = call(db, key)
        await untilBlocked([work])
        await rival.execute('commit')
        assert.equal((await work).created, true)
        assert.equal(statements, 2)
        assert.deepEqual(
          (await rows()).map(({ label }) => label),
          ['ours'],
        )
      }
    },
  },
]
