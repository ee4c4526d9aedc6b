import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { isOnerowError } from '../errors.ts'
import { getOrCreate } from '../get-or-create.ts'
import { transaction } from '../transaction.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import { openCallers } from './blocked.ts'
import type { Case } from './case.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'ours' }

type Call = (
  db: Database,
  key: ItemKey,
) => Promise<{ readonly row: { readonly id: number; readonly label: string }; readonly created: boolean }>

/** The ways to call: each takes statements of its own. */
const ways: readonly (readonly [name: string, call: Call])[] = [
  ['plain values', (db, key) => getOrCreate(db, key, { where, create })],
  ['a function in create', (db, key) => getOrCreate(db, key, { where, create: () => create })],
  ['updateOrCreate', (db, key) => updateOrCreate(db, key, { where, update: { amount: 1 }, create })],
  [
    'updateOrCreate, a function in create',
    (db, key) => updateOrCreate(db, key, { where, update: { amount: 1 }, create: () => create }),
  ],
  [
    'updateOrCreate by function',
    (db, key) => updateOrCreate(db, key, { where, update: () => ({ amount: 1 }), create }),
  ],
]

const casesByWay = (make: (call: Call) => Omit<Case, 'name'>, name: string): readonly Case[] =>
  ways.map(([way, call]) => Object.assign(make(call), { name: `${name}: ${way}` }))

/** How a call ended that a rival's row was in the way of. */
async function outcomeOf(work: ReturnType<Call>): Promise<string> {
  try {
    const { row, created } = await work
    assert.equal(row.label, created ? 'ours' : 'rival')
    return created ? 'created' : 'row'
  } catch (error) {
    if (isOnerowError(error)) return error.kind
    throw error
  }
}

export const raceCases: readonly Case[] = [
  ...casesByWay(
    (call) => ({
      id: 'R02',
      needs: ['several sessions', 'rivals of a reader'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { db, execute } = await engine.session()
        await begin({ execute }, engine, engine.isolation)
        assert.equal((await execute(`select id from ${name}`)).length, 0, 'the snapshot is taken')
        await engine.execute(insertSql(where))
        assert.equal((await rows()).length, 1, 'and the rival has committed')
        assert.equal(await outcomeOf(call(db, key)), engine.sql.lateRow[engine.isolation ?? 'serializable'])
        await execute('rollback')
        assert.equal((await rows()).length, 1)
      },
    }),
    "a rival commits the row after the snapshot of a caller's transaction",
  ),
  ...casesByWay(
    (call) => ({
      id: 'R02',
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
        const work = outcomeOf(call(caller.db, key))
        await untilBlocked([work])
        await rival.execute('commit')
        assert.equal(await work, engine.sql.lateRow[engine.isolation ?? 'serializable'])
        await caller.execute('rollback')
        assert.equal((await rows()).length, 1)
      },
    }),
    "a rival commits the row while a caller's transaction waits for it",
  ),
  ...casesByWay(
    (call) => ({
      id: 'R02',
      needs: ['several sessions', 'rivals of a transaction'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const seen: number[] = []
        const { row, created } = await transaction(
          engine.db,
          async (tx) => {
            seen.push((await tx.execute({ text: `select id from ${name}`, values: [] })).length)
            if (seen.length === 1) await engine.execute(insertSql(where))
            return call(tx, key)
          },
          { isolation: engine.isolation },
        )
        assert.deepEqual([created, row.label], [false, 'rival'])
        const late = engine.sql.lateRow[engine.isolation ?? 'serializable']
        assert.deepEqual(seen, late === 'row' ? [0] : [0, 1])
        assert.equal((await rows()).length, 1)
      },
    }),
    'transaction() runs again when the rival has won, and succeeds',
  ),
  ...casesByWay(
    (call) => ({
      id: 'R04',
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { sessions, untilBlocked } = await openCallers(engine, name, 2)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(insertSql(where))
        const calls = sessions.map(({ db }) => call(db, key))
        await untilBlocked(calls)
        await rival.execute('rollback')
        const results = await Promise.all(calls)
        assert.equal(results.filter(({ created }) => created).length, 1)
        assert.equal(new Set(results.map(({ row }) => row.id)).size, 1)
        assert.deepEqual(
          (await rows()).map(({ label }) => label),
          ['ours'],
        )
      },
    }),
    'a rival rolls back while two wait for it: one of them creates the row',
  ),
  ...casesByWay(
    (call) => ({
      id: 'R04',
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { sessions, untilBlocked } = await openCallers(engine, name, 2)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(insertSql(where))
        const calls = sessions.map(({ db }) => call(db, key))
        await untilBlocked(calls)
        await rival.execute('commit')
        const results = await Promise.all(calls)
        assert.deepEqual(
          results.map(({ row, created }) => [row.label, created]),
          [
            ['rival', false],
            ['rival', false],
          ],
        )
        assert.equal((await rows()).length, 1)
      },
    }),
    'a rival commits while two wait for it: both get its row',
  ),
  ...casesByWay(
    (call) => ({
      id: 'R04',
      needs: ['several sessions', 'rivals that block'],
      atEachLevel: true,
      async run(engine) {
        const { key, name, insertSql, rows } = await createItems(engine)
        const { sessions, untilBlocked } = await openCallers(engine, name, 2)
        const rival = await engine.session()
        await begin(rival, engine)
        await rival.execute(insertSql(where))
        const calls = sessions.map(({ db }) =>
          transaction(db, (tx) => call(tx, key), { isolation: engine.isolation }),
        )
        await untilBlocked(calls)
        await rival.execute('rollback')
        const results = await Promise.all(calls)
        assert.equal(results.filter(({ created }) => created).length, 1)
        assert.deepEqual(
          (await rows()).map(({ label }) => label),
          ['ours'],
        )
      },
    }),
    'a rival rolls back while two transactions wait for it: one of them creates the row',
  ),
  ...casesByWay(
    (call) => ({
      id: 'R05',
      async run(engine) {
        const { key, rows } = await createItems(engine)
        const { db, execute } = await engine.session()
        await begin({ execute }, engine)
        assert.deepEqual([(await call(db, key)).created, (await call(db, key)).created], [true, false])
        await execute('rollback')
        assert.deepEqual(await rows(), [])
        assert.deepEqual([(await call(db, key)).created, (await call(db, key)).created], [true, false])
        assert.equal((await rows()).length, 1)
      },
    }),
    "created is provisional until the caller's transaction commits",
  ),
]
