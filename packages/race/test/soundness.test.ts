import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { pgSessions } from '@onerow/race/pg'
import fc from 'fast-check'
import pg from 'pg'
import { assertSound, explored } from './soundness.ts'
import type { Engine, Program } from './soundness.ts'

const database = await testDatabase({ name: 'race_soundness' })
// Who has waited first looks first whether it is in a ring, after a second unless told: and gives up.
const connectionString = `${database.url}?options=-c%20deadlock_timeout%3D250ms`
const pool = new pg.Pool({ connectionString })
await pool.query(`
create table one (id int not null, v int not null);
create table two (id int not null unique, v int not null)`)

after(async () => {
  await pool.end()
  await database.drop()
})

const engine: Engine = {
  sessions: pgSessions(pg, { connectionString }),
  async connect() {
    const client = await pool.connect()
    return {
      query: async (text) => (await client.query({ text, rowMode: 'array' })).rows,
      release: () => client.release(),
    }
  },
  codeOf: (error) => error instanceof pg.DatabaseError && error.code,
}

const isTransaction = (begin = 'begin') => ({ begin: [begin], end: 'commit' as const })
const repeatable = isTransaction('begin isolation level repeatable read')
const serializable = isTransaction('begin isolation level serializable')
const readOne = 'select v from one where id = 1'
const readTwo = 'select v from two where id = 1'
const raiseOne = 'update one set v = v + 1 where id = 1'
const raiseTwo = 'update two set v = v + 1 where id = 1'

const scenarios: Readonly<Record<string, readonly Program[]>> = {
  'two that read and then insert': [
    {
      ...isTransaction(),
      statements: ['select count(*) from one where id = 2', 'insert into one values (2, 1)'],
    },
    {
      ...isTransaction(),
      statements: ['select count(*) from one where id = 2', 'insert into one values (2, 2)'],
    },
  ],
  'the same, where it is unique': [
    {
      ...isTransaction(),
      statements: ['select count(*) from two where id = 2', 'insert into two values (2, 1)'],
    },
    {
      ...isTransaction(),
      statements: ['select count(*) from two where id = 2', 'insert into two values (2, 2)'],
    },
  ],
  'an insert that waits for one that is rolled back': [
    { begin: ['begin'], statements: ['insert into two values (2, 1)'], end: 'rollback' },
    { ...isTransaction(), statements: ['insert into two values (2, 2)', 'select count(*) from two'] },
  ],
  'three that commit by themselves': [
    { statements: [readOne, raiseOne] },
    { statements: ['update one set v = v * 2', readOne] },
    { statements: ['insert into one values (2, (select v from one where id = 1))'] },
  ],
  'an update and a delete': [
    { ...isTransaction(), statements: [raiseOne, readOne] },
    { ...isTransaction(), statements: ['delete from one where v = 0', 'select count(*) from one'] },
  ],
  'select for update': [
    { ...isTransaction(), statements: [`${readOne} for update`, 'update one set v = 10'] },
    { ...isTransaction(), statements: [readOne, 'update one set v = v + 1'] },
  ],
  'two tables, in turn': [
    { ...isTransaction(), statements: [raiseOne, raiseTwo] },
    { ...isTransaction(), statements: [readTwo, readOne] },
  ],
  'a commit that lets an autocommitted statement on two tables go on': [
    { ...isTransaction(), statements: ['delete from one'] },
    { statements: ['with gone as (update one set v = 7 returning v) update two set v = 5'] },
    { statements: [readTwo] },
  ],
  'two tables, in opposite order: a deadlock': [
    { ...isTransaction(), statements: [raiseOne, raiseTwo] },
    { ...isTransaction(), statements: [raiseTwo, raiseOne] },
  ],
  'repeatable read: a snapshot of both tables': [
    { ...repeatable, statements: [readOne, readTwo] },
    { statements: [raiseTwo, raiseOne] },
  ],
  'repeatable read: an update that comes too late': [
    { ...repeatable, statements: [readOne, raiseOne] },
    { ...repeatable, statements: [readTwo, raiseOne] },
  ],
  'serializable: write skew over two tables': [
    { ...serializable, statements: [readOne, 'update two set v = 1 + (select v from one)'] },
    { ...serializable, statements: [readTwo, 'update one set v = 1 + (select v from two)'] },
  ],
  'serializable: who only reads sees an order, too': [
    { begin: ['begin isolation level serializable'], statements: [readOne], end: 'commit' },
    { begin: ['begin isolation level serializable'], statements: [raiseOne], end: 'rollback' },
  ],
  'a savepoint': [
    { ...isTransaction(), statements: ['savepoint a', raiseOne, 'rollback to a'] },
    { ...isTransaction(), statements: [raiseOne] },
  ],
  'advisory locks': [
    { ...isTransaction(), statements: ['select pg_advisory_xact_lock(7)', raiseOne] },
    { ...isTransaction(), statements: ['select pg_advisory_xact_lock(7)', readOne] },
  ],
}

for (const [name, programs] of Object.entries(scenarios))
  test(`reduced, the same outcomes: ${name}`, async (context) => {
    const { all, reduced } = await assertSound(engine, programs)
    context.diagnostic(
      `${all.schedules} schedules; reduced ${reduced.schedules}, and ${reduced.cut} left off`,
    )
  })

/** Two transactions that write each table at most once, and the first table first, so that they cannot deadlock. */
const tables = ['one', 'two'] as const
const statementOn = (table: (typeof tables)[number]) =>
  fc.constantFrom(
    `select id, v from ${table} order by id`,
    `select v from ${table} where id = 1 for update`,
    `update ${table} set v = v * 2 + 1 where id = 1`,
    `delete from ${table} where v = 0`,
    `insert into ${table} values (2, 0)`,
  )
const program = fc
  .record({
    level: fc.constantFrom('read committed', 'repeatable read', 'serializable'),
    statements: fc.tuple(...tables.map(statementOn)),
    end: fc.constantFrom('commit', 'commit', 'rollback'),
  })
  .map(({ level, statements, end }): Program => ({
    begin: [`begin isolation level ${level}`],
    statements,
    end,
  }))

test('reduced, the same outcomes, whatever two short transactions do', async () => {
  await fc.assert(
    fc.asyncProperty(program, program, async (a, b) => {
      await assertSound(engine, [a, b])
    }),
    { seed: 7, numRuns: 8, endOnFailure: true },
  )
})

const getOrCreate = (table: string, v: number): Program => ({
  ...isTransaction(),
  statements: [`select v from ${table} where id = 2`, `insert into ${table} values (2, ${v})`],
})

test('three actors of four steps: at most 200 runs, and duplicates', async (context) => {
  const { report } = await explored(
    engine,
    [1, 2, 3].map((v) => getOrCreate('one', v)),
    'sleep sets',
  )
  context.diagnostic(`${report.schedules} run, ${report.cut} left off, ${report.seconds.toFixed(1)} s`)
  assert.ok(report.isExhaustive && report.violations.length > 0)
  assert.ok(report.schedules + report.cut <= 200)
})

test('three actors of four steps where the database refuses: none', async (context) => {
  const { report, outcomes: found } = await explored(
    engine,
    [1, 2, 3].map((v) => getOrCreate('two', v)),
    'sleep sets',
  )
  context.diagnostic(`${report.schedules} run, ${report.cut} left off, ${report.seconds.toFixed(1)} s`)
  assert.ok(report.isExhaustive && report.schedules + report.cut <= 200)
  assert.ok(found.every((outcome) => outcome.includes('23505')))
})
