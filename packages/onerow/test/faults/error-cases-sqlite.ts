import { getOrCreate } from 'onerow'
import type { ErrorCase } from './error-case.ts'

const where = { owner: 1, kind: 'a' }
const create = { label: 'ours' }

export const sqliteErrorCases: readonly ErrorCase[] = [
  {
    code: 5,
    name: 'SQLITE_BUSY',
    begin: ['begin deferred'],
    async prepare(scene) {
      await scene.rival.execute('begin immediate')
      await scene.rival.execute(scene.insertSql(where))
      scene.atFirstError = () => scene.rival.execute('commit')
    },
    inTransaction: ({ key }, db) => getOrCreate(db, key, { where, create }),
    alone: ({ key, caller }) => getOrCreate(caller.db, key, { where, create }),
  },
  {
    code: 517,
    name: 'SQLITE_BUSY_SNAPSHOT',
    begin: ['begin deferred'],
    async inTransaction({ engine, name, key, insertSql }, db, run) {
      await db.execute({ text: `select id from ${name}`, values: [] })
      if (run === 1) await engine.execute(insertSql({ owner: 2, kind: 'b' }))
      return getOrCreate(db, key, { where, create })
    },
    alone: 'a call of its own reads and writes in separate statements, or after BEGIN IMMEDIATE',
    neverInOurs: 'BEGIN IMMEDIATE takes the write lock before the snapshot',
  },
]
