import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import type { TestMariadb } from '@onerow/servers'
import type { Isolation } from '@onerow/race'
import { mysql2Sessions } from '@onerow/race/mysql2'
import fc from 'fast-check'
import * as mysql2 from 'mysql2/promise'
import { assertSound } from './soundness.ts'
import type { Engine, Program } from './soundness.ts'

/** Both in one text are one step. */
function isTransaction(isolation: Isolation) {
  return { begin: [`set transaction isolation level ${isolation}; begin`], end: 'commit' as const }
}

const readCommitted = isTransaction('read committed')
const repeatable = isTransaction('repeatable read')
const serializable = isTransaction('serializable')
const readOne = 'select v from one where id = 1'
const readTwo = 'select v from two where id = 1'
const raiseOne = 'update one set v = v + 1 where id = 1'
const raiseTwo = 'update two set v = v + 1 where id = 1'

const scenarios: Readonly<Record<string, readonly Program[]>> = {
  'two that read and then insert': [
    {
      ...readCommitted,
      statements: ['select count(*) from one where id = 2', 'insert into one values (2, 1)'],
    },
    {
      ...readCommitted,
      statements: ['select count(*) from one where id = 2', 'insert into one values (2, 2)'],
    },
  ],
  'the same, where it is unique': [
    { ...repeatable, statements: ['select count(*) from two where id = 2', 'insert into two values (2, 1)'] },
    { ...repeatable, statements: ['select count(*) from two where id = 2', 'insert into two values (2, 2)'] },
  ],
  'an insert that waits for one that is rolled back': [
    { begin: ['begin'], statements: ['insert into two values (2, 1)'], end: 'rollback' },
    { ...repeatable, statements: ['insert into two values (2, 2)', 'select count(*) from two'] },
  ],
  'repeatable read: a snapshot of both tables': [
    { ...repeatable, statements: [readOne, readTwo] },
    { statements: [raiseTwo, raiseOne] },
  ],
  'serializable: reads that lock, and a write of one of the tables': [
    { ...serializable, statements: [readOne, readTwo] },
    { ...serializable, statements: [raiseTwo] },
  ],
  'serializable: two who read the same, and write elsewhere': [
    { ...serializable, statements: [readOne, raiseTwo] },
    { ...serializable, statements: [readOne] },
  ],
  'serializable: who only reads, and a write by itself': [
    { ...serializable, statements: [readTwo, readOne] },
    { statements: [raiseOne, readTwo] },
  ],
  'serializable: two who read and then write, of whom one ends in a deadlock': [
    { ...serializable, statements: [readOne, raiseOne] },
    { ...serializable, statements: [readOne, raiseOne] },
  ],
  'serializable: who reads what another writes, and the other way round': [
    { ...serializable, statements: [readOne, raiseTwo] },
    { ...serializable, statements: [readTwo, raiseOne] },
  ],
  'serializable, and one at a lower level': [
    { ...serializable, statements: [readOne, raiseTwo] },
    { ...readCommitted, statements: [readTwo] },
  ],
}

/** In the same order of tables, or not, in which case they may deadlock. */
const tables = ['one', 'two'] as const
const statementOn = (table: (typeof tables)[number]) =>
  fc.constantFrom(
    `select id, v from ${table} order by id`,
    `select v from ${table} where id = 1 for update`,
    `update ${table} set v = v * 2 + 1 where id = 1`,
    `insert into ${table} values (2, 0)`,
  )
const program = fc
  .record({
    isolation: fc.constantFrom('read committed', 'repeatable read', 'serializable'),
    statements: fc.tuple(...tables.map(statementOn)),
    isReversed: fc.boolean(),
    end: fc.constantFrom('commit', 'commit', 'rollback'),
  })
  .map(({ isolation, statements, isReversed, end }): Program => {
    const { begin } = isTransaction(isolation)
    return { begin, statements: isReversed ? statements.toReversed() : statements, end }
  })

async function compare(server: TestMariadb): Promise<void> {
  const { url } = server
  const pool = mysql2.createPool({ uri: url, multipleStatements: true })
  await pool.query('create table one (id int not null, v int not null)')
  await pool.query('create table two (id int not null unique, v int not null)')
  after(async () => {
    await pool.end()
    await server.drop()
  })
  const engine: Engine = {
    sessions: mysql2Sessions(mysql2, { uri: url }),
    async connect() {
      const connection = await pool.getConnection()
      return {
        query: async (text) => (await connection.query({ sql: text, rowsAsArray: true }))[0],
        release: () => connection.release(),
      }
    },
    codeOf: (error) => error instanceof Error && 'code' in error && error.code,
  }

  for (const [name, programs] of Object.entries(scenarios))
    test(`on MariaDB, reduced, the same outcomes: ${name}`, async (context) => {
      const { all, reduced } = await assertSound(engine, programs)
      context.diagnostic(
        `${all.schedules} schedules; reduced ${reduced.schedules}, and ${reduced.cut} left off`,
      )
    })

  test('on MariaDB, reduced, the same outcomes, whatever two short transactions do', async () => {
    await fc.assert(
      fc.asyncProperty(program, program, async (a, b) => {
        await assertSound(engine, [a, b])
      }),
      { seed: 7, numRuns: 4, endOnFailure: true },
    )
  })
}

const database = await testMariadb({ name: 'race_soundness', alone: true })
if (database) await compare(database)
else test('sleep sets on MariaDB', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
