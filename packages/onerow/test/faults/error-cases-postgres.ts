import { getOrCreate, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { watched } from '../../src/conformance/watched.ts'
import type { ErrorCase, Scene } from './error-case.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'ours' }
const other = { owner: 2, kind: 'b' }

/** The first statement of a transaction takes its snapshot. */
const look = (db: Database, name: string) => db.execute({ text: `select id from ${name}`, values: [] })

/**
 * Each of the two has read what the other writes, and the rival commits first: then the caller's COMMIT fails.
 *
 * @returns what the rival does once the caller has written
 */
async function rivalThatHasRead({ rival, name, insertSql }: Scene): Promise<() => Promise<void>> {
  await rival.execute('begin isolation level serializable')
  await rival.execute(`select id from ${name}`)
  return async () => {
    await rival.execute(insertSql(other))
    await rival.execute('commit')
  }
}

/** Who waits looks for a deadlock once, after deadlock_timeout: the caller does, and so the rival is never its victim. */
async function rivalNeverLooks({ caller, rival }: Scene): Promise<void> {
  await caller.execute(`set deadlock_timeout = '10ms'`)
  await rival.execute(`set deadlock_timeout = '1h'`)
}

/** The rival waits for the caller, and commits as soon as it has got what it waits for. */
async function rivalWaits({ rival, untilBlocked, pending }: Scene, statement: string): Promise<void> {
  const waiting = rival.execute(statement)
  pending.push(waiting.then(() => rival.execute('commit')))
  await untilBlocked([waiting])
}

export const postgresErrorCases: readonly ErrorCase[] = [
  {
    code: '40001',
    name: 'serialization failure at a statement',
    isolation: 'repeatable read',
    begin: ['begin isolation level repeatable read'],
    async inTransaction({ engine, name, key, insertSql }, db, run) {
      await look(db, name)
      if (run === 1) await engine.execute(insertSql(where))
      return getOrCreate(db, key, { where, create })
    },
    async alone({ engine, name, key, insertSql, caller, rival, untilBlocked }) {
      await engine.execute(insertSql(where))
      await caller.execute(`set default_transaction_isolation = 'repeatable read'`)
      await rival.execute('begin')
      await rival.execute(`update ${name} set note = 'rival'`)
      const call = updateOrCreate(caller.db, key, { where, update: { amount: 5 }, create })
      await untilBlocked([call])
      await rival.execute('commit')
      return call
    },
  },
  {
    code: '40001',
    name: 'serialization failure at COMMIT',
    at: 'commit',
    isolation: 'serializable',
    begin: ['begin isolation level serializable'],
    async inTransaction(scene, db, run) {
      const rivalCommits = run === 1 ? await rivalThatHasRead(scene) : undefined
      const result = await getOrCreate(db, scene.key, { where, create })
      await rivalCommits?.()
      return result
    },
    async alone(scene) {
      const { engine, caller, key, insertSql } = scene
      await engine.execute(insertSql(where))
      await caller.execute(`set default_transaction_isolation = 'serializable'`)
      const rivalCommits = await rivalThatHasRead(scene)
      let updates = 0
      const db = watched(caller.db, {
        after: (text) => /^\s*update/.test(text) && ++updates === 1 && rivalCommits(),
      })
      return updateOrCreate(db, key, { where, update: ({ amount }) => ({ amount: amount + 5 }), create })
    },
  },
  {
    code: '40P01',
    name: 'deadlock',
    begin: ['begin'],
    prepare: rivalNeverLooks,
    async inTransaction(scene, db, run) {
      const { rival, key, insertSql } = scene
      await getOrCreate(db, key, { where, create })
      if (run === 1) {
        await rival.execute('begin')
        await rival.execute(insertSql(other))
        await rivalWaits(scene, insertSql(where))
      }
      return getOrCreate(db, key, { where: other, create })
    },
    async alone(scene) {
      const { engine, caller, rival, name, key, insertSql } = scene
      await engine.execute(insertSql(where))
      for (const statement of lockAtUpdate(name)) await engine.execute(statement)
      await rival.execute('begin')
      await rival.execute('select pg_advisory_xact_lock(1)')
      let runs = 0
      return updateOrCreate(caller.db, key, {
        where,
        create,
        async update({ amount }) {
          if (++runs === 1) await rivalWaits(scene, `update ${name} set note = 'rival'`)
          return { amount: amount + 5 }
        },
      })
    },
  },
]

/** Each update of a row takes one more lock, as a trigger that writes elsewhere does. */
function lockAtUpdate(table: string): readonly string[] {
  return [
    `create function ${table}_lock() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock(1); return new; end'`,
    `create trigger ${table}_lock before update on ${table} for each row execute function ${table}_lock()`,
  ]
}
