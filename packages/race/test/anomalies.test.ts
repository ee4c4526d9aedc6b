import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase, testMariadb } from '@onerow/servers'
import mysql2 from 'mysql2/promise'
import pg from 'pg'
import { exploreEach } from '../src/index.ts'
import type { ExploreOptions, Isolation, Run, Sessions } from '../src/index.ts'
import { mysql2Sessions } from '../src/drivers/mysql2.ts'
import { pgSessions } from '../src/drivers/pg.ts'
import { anomalies } from './anomalies.ts'
import type { Anomaly, Case, Query, Work } from './anomalies.ts'

interface Engine {
  readonly name: string
  readonly sessions: Sessions
  readonly query: Query
  /** Lends a connection. */
  readonly connected: <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>
  /** Where, as published, an anomaly is not prevented. */
  readonly published: Readonly<Record<Anomaly, readonly Isolation[]>>
  readonly close: () => Promise<void>
}

const levels: readonly Isolation[] = ['read uncommitted', 'read committed', 'repeatable read', 'serializable']
const upTo = (last: Isolation): readonly Isolation[] => levels.slice(0, levels.indexOf(last) + 1)

const never: readonly Isolation[] = []

async function postgres(): Promise<Engine> {
  const database = await testDatabase({ name: 'race_anomalies' })
  const pool = new pg.Pool({ connectionString: database.url })
  return {
    name: 'PostgreSQL',
    sessions: pgSessions(pg, { connectionString: database.url }),
    query: async (text) => (await pool.query<Record<string, unknown>>(text)).rows,
    async connected(work) {
      const client = await pool.connect()
      try {
        return await work(async (text) => (await client.query<Record<string, unknown>>(text)).rows)
      } finally {
        client.release()
      }
    },
    // https://github.com/ept/hermitage/blob/master/postgres.md; READ UNCOMMITTED is READ COMMITTED there.
    published: {
      'G0, dirty write': never,
      'G1a, aborted read': never,
      'G1b, intermediate read': never,
      'G1c, circular information flow': never,
      'OTV, observed transaction vanishes': never,
      'PMP, predicate-many-preceders': upTo('read committed'),
      'PMP, for write predicates': upTo('read committed'),
      'P4, lost update': upTo('read committed'),
      'G-single, read skew': upTo('read committed'),
      'G-single, on a write predicate': upTo('read committed'),
      'G2-item, write skew: nobody is on call': upTo('repeatable read'),
      'G2, write skew by a predicate': upTo('repeatable read'),
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}

async function mariadb(): Promise<Engine | undefined> {
  const database = await testMariadb({ name: 'race_anomalies' })
  if (!database) return undefined
  const pool = mysql2.createPool({ uri: database.url })
  const rowsOf = ([rows]: readonly unknown[]) =>
    // Of a statement that answers none, mysql2 answers an object that counts.
    Array.isArray(rows) ? (rows as readonly Readonly<Record<string, unknown>>[]) : []
  return {
    name: 'MariaDB',
    sessions: mysql2Sessions(mysql2, { uri: database.url }),
    query: async (text) => rowsOf(await pool.query(text)),
    async connected(work) {
      const connection = await pool.getConnection()
      try {
        return await work(async (text) => rowsOf(await connection.query(text)))
      } finally {
        connection.release()
      }
    },
    // https://github.com/ept/hermitage/blob/master/mysql.md
    published: {
      'G0, dirty write': never,
      'G1a, aborted read': upTo('read uncommitted'),
      'G1b, intermediate read': upTo('read uncommitted'),
      'G1c, circular information flow': upTo('read uncommitted'),
      'OTV, observed transaction vanishes': upTo('read uncommitted'),
      'PMP, predicate-many-preceders': upTo('read committed'),
      'PMP, for write predicates': upTo('repeatable read'),
      'P4, lost update': upTo('repeatable read'),
      'G-single, read skew': upTo('read committed'),
      'G-single, on a write predicate': upTo('repeatable read'),
      'G2-item, write skew: nobody is on call': upTo('repeatable read'),
      'G2, write skew by a predicate': upTo('repeatable read'),
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}

function transaction({ connected }: Engine, work: Work): () => Promise<unknown> {
  return () =>
    connected(async (query) => {
      try {
        await query('begin')
        const seen = await work(query)
        await query('commit')
        return seen
      } catch (error) {
        await query('rollback')
        throw error
      }
    })
}

async function leftIn({ query }: Engine): Promise<Readonly<Record<number, number>>> {
  const rows = await query('select id, value from test')
  return Object.fromEntries(rows.map(({ id, value }) => [Number(id), Number(value)]))
}

function committedIn({ endings }: Run): ReadonlyMap<string, unknown> {
  return new Map(
    [...endings].flatMap(([name, ending]) => ('value' in ending ? [[name, ending.value] as const] : [])),
  )
}

function raceOf(engine: Engine, { actors, isSeen }: Case): ExploreOptions {
  return {
    sessions: engine.sessions,
    async setup() {
      await engine.query('delete from test')
      await engine.query('insert into test (id, value) values (1, 10), (2, 20)')
    },
    actors: Object.fromEntries(
      Object.entries(actors).map(([name, work]) => [name, transaction(engine, work)]),
    ),
    invariant: async (run) => !isSeen(committedIn(run), await leftIn(engine)),
  }
}

const engines = [await postgres(), await mariadb()]

for (const engine of engines) {
  if (!engine) {
    test('the anomalies on MariaDB', { skip: 'MariaDB is not installed' })
    continue
  }
  const { name, query, published, close } = engine
  await query('create table test (id int primary key, value int)')
  after(close)
  for (const [anomaly, each] of Object.entries(anomalies))
    test(`${name}: ${anomaly}: found where it is published, and nowhere else`, async (context) => {
      const matrix = await exploreEach({ [name]: raceOf(engine, each) }, { isolation: levels })
      const [table = ''] = String(matrix).split('\n\n')
      context.diagnostic(table)
      assert.ok(matrix.reports.every(({ report }) => report.isExhaustive))
      const found = matrix.reports.filter(({ report }) => report.violations.length > 0)
      assert.deepEqual(
        found.map(({ isolation }) => isolation),
        // The names are those of the table.
        published[anomaly as Anomaly],
      )
    })
}
