import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import fc from 'fast-check'
import pg from 'pg'
import { explore } from '../src/index.ts'
import type { ExploreOptions, Report, Run } from '../src/index.ts'
import { pgSessions } from '../src/drivers/pg.ts'

const database = await testDatabase({ name: 'race_soundness' })
const pool = new pg.Pool({ connectionString: database.url })
await pool.query(`
create table one (id int not null, v int not null);
create table two (id int not null unique, v int not null)`)

after(async () => {
  await pool.end()
  await database.drop()
})

/** Statements, each by itself; or all of them in a transaction of this beginning. */
interface Program {
  readonly begin?: string
  readonly statements: readonly string[]
  readonly end?: 'commit' | 'rollback'
}

const isTransaction = (begin = 'begin') => ({ begin, end: 'commit' as const })

function actor({ begin, statements, end }: Program): () => Promise<unknown> {
  return async () => {
    const client = await pool.connect()
    try {
      const seen: unknown[] = []
      for (const text of [begin ?? [], statements, end ?? []].flat())
        seen.push((await client.query({ text, rowMode: 'array' })).rows)
      return seen
    } catch (error) {
      if (begin) await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
}

/** What is left in the end: the tables, and what each actor has seen or how it has failed. */
async function outcomeOf({ endings }: Run): Promise<string> {
  const { rows } = await pool.query(`
select
  (select coalesce(jsonb_agg(jsonb_build_array(id, v) order by id, v), '[]') from one) as one,
  (select coalesce(jsonb_agg(jsonb_build_array(id, v) order by id, v), '[]') from two) as two`)
  const ended = [...endings]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, ending]) => [
      name,
      'value' in ending ? ending.value : ending.error instanceof pg.DatabaseError && ending.error.code,
    ])
  return JSON.stringify([rows, Object.fromEntries(ended)])
}

interface Explored {
  readonly outcomes: readonly string[]
  readonly report: Report
}

async function outcomes(
  programs: readonly Program[],
  reduction: NonNullable<ExploreOptions['reduction']>,
): Promise<Explored> {
  const found = new Set<string>()
  const report = await explore({
    sessions: pgSessions(pg, { connectionString: database.url }),
    setup: () =>
      pool.query(
        'delete from one; delete from two; insert into one values (1, 0); insert into two values (1, 0)',
      ),
    actors: Object.fromEntries(programs.map((program, index) => ['abc'.charAt(index), actor(program)])),
    invariant: async (run) => {
      found.add(await outcomeOf(run))
      const { rows } = await pool.query('select id from one group by id having count(*) > 1')
      return rows.length === 0
    },
    reduction,
  })
  return { outcomes: [...found].toSorted(), report }
}

/** Both explorations come to the same; and the reduced one is no longer. */
async function assertSound(programs: readonly Program[]): Promise<readonly [Report, Report]> {
  const all = await outcomes(programs, 'none')
  const reduced = await outcomes(programs, 'sleep sets')
  assert.deepEqual(reduced.outcomes, all.outcomes)
  assert.ok(all.report.isExhaustive && reduced.report.isExhaustive)
  assert.equal(reduced.report.violations.length > 0, all.report.violations.length > 0)
  assert.ok(reduced.report.schedules <= all.report.schedules)
  return [all.report, reduced.report]
}

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
    { begin: 'begin', statements: ['insert into two values (2, 1)'], end: 'rollback' },
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
    { begin: 'begin isolation level serializable', statements: [readOne], end: 'commit' },
    { begin: 'begin isolation level serializable', statements: [raiseOne], end: 'rollback' },
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
    const [all, reduced] = await assertSound(programs)
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
    begin: `begin isolation level ${level}`,
    statements,
    end,
  }))

test('reduced, the same outcomes, whatever two short transactions do', async () => {
  await fc.assert(
    fc.asyncProperty(program, program, async (a, b) => {
      await assertSound([a, b])
    }),
    { seed: 7, numRuns: 8, endOnFailure: true },
  )
})

const getOrCreate = (table: string, v: number): Program => ({
  ...isTransaction(),
  statements: [`select v from ${table} where id = 2`, `insert into ${table} values (2, ${v})`],
})

test('three actors of four steps: at most 200 runs, and duplicates', async (context) => {
  const { report } = await outcomes(
    [1, 2, 3].map((v) => getOrCreate('one', v)),
    'sleep sets',
  )
  context.diagnostic(`${report.schedules} run, ${report.cut} left off, ${report.seconds.toFixed(1)} s`)
  assert.ok(report.isExhaustive && report.violations.length > 0)
  assert.ok(report.schedules + report.cut <= 200)
})

test('three actors of four steps where the database refuses: none', async (context) => {
  const { report, outcomes: found } = await outcomes(
    [1, 2, 3].map((v) => getOrCreate('two', v)),
    'sleep sets',
  )
  context.diagnostic(`${report.schedules} run, ${report.cut} left off, ${report.seconds.toFixed(1)} s`)
  assert.ok(report.isExhaustive && report.schedules + report.cut <= 200)
  assert.ok(found.every((outcome) => outcome.includes('23505')))
})
