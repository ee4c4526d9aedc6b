import { getOrCreate, updateOrCreate } from 'onerow'
import type { ErrorCase, Scene } from './error-case.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'ours' }
const other = { owner: 2, kind: 'b' }

/** Of a deadlock's two, InnoDB rolls back the one that has changed less. */
async function rivalHasChangedMuch({ rival, insertSql }: Scene): Promise<void> {
  await rival.execute('start transaction')
  for (let owner = 100; owner < 120; owner++) await rival.execute(insertSql({ owner }))
}

/** The rival waits for the caller, and commits as soon as it has got what it waits for. */
async function rivalWaits({ rival, untilBlocked, pending }: Scene, statement: string): Promise<void> {
  const waiting = rival.execute(statement)
  pending.push(waiting.then(() => rival.execute('commit')))
  await untilBlocked([waiting])
}

export const mariadbErrorCases: readonly ErrorCase[] = [
  {
    code: 1213,
    name: 'deadlock',
    begin: ['start transaction'],
    async inTransaction(scene, db, run) {
      const { rival, key, insertSql } = scene
      if (run === 1) await rivalHasChangedMuch(scene)
      await getOrCreate(db, key, { where, create })
      if (run === 1) {
        await rival.execute(insertSql(other))
        await rivalWaits(scene, insertSql(where))
      }
      return getOrCreate(db, key, { where: other, create })
    },
    async alone(scene) {
      const { engine, caller, rival, name, key, insertSql } = scene
      await engine.execute(insertSql(where))
      await engine.execute(`create table ${name}_log (id integer primary key, n integer not null)`)
      await engine.execute(`insert into ${name}_log values (1, 0)`)
      await engine.execute(
        `create trigger ${name}_count after update on ${name} for each row update ${name}_log set n = n + 1`,
      )
      await rivalHasChangedMuch(scene)
      await rival.execute(`update ${name}_log set n = n + 1`)
      let runs = 0
      return updateOrCreate(caller.db, key, {
        where,
        create,
        async update({ amount }) {
          if (++runs === 1) await rivalWaits(scene, `update ${name} set note = 'rival' where owner_id = 1`)
          return { amount: amount + 5 }
        },
      })
    },
  },
  {
    code: 1205,
    name: 'lock wait timeout',
    begin: ['start transaction'],
    async prepare(scene) {
      const { caller, rival, insertSql } = scene
      await caller.execute('set session innodb_lock_wait_timeout = 1')
      await rival.execute('start transaction')
      await rival.execute(insertSql(where))
      scene.atFirstError = () => rival.execute('rollback')
    },
    inTransaction: ({ key }, db) => getOrCreate(db, key, { where, create }),
    alone: ({ key, caller }) => getOrCreate(caller.db, key, { where, create }),
  },
  {
    code: 1020,
    name: 'a row has changed since the snapshot',
    isolation: 'repeatable read',
    begin: ['set transaction isolation level repeatable read', 'start transaction'],
    async prepare({ caller }) {
      await caller.execute('set session innodb_snapshot_isolation = on')
    },
    async inTransaction({ engine, name, key, insertSql }, db, run) {
      await db.execute({ text: `select id from ${name}`, values: [] })
      if (run === 1) await engine.execute(insertSql(where))
      return getOrCreate(db, key, { where, create })
    },
    alone: 'no call of its own keeps a snapshot from one of its statements to the next',
  },
]
