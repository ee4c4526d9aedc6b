import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import type { TestMariadb } from '@onerow/servers'
import { explore } from '@onerow/race'
import type { Isolation } from '@onerow/race'
import { mariadbSessions } from '@onerow/race/mariadb'
import { mysql2Sessions } from '@onerow/race/mysql2'
import { pgSessions } from '@onerow/race/pg'
import { postgresJsSessions } from '@onerow/race/postgres-js'
import mariadb from 'mariadb'
import type { Connection as MariadbConnection } from 'mariadb'
import callback from 'mariadb/callback'
import type { PoolConnection as CallbackConnection } from 'mariadb/callback'
import mysql2 from 'mysql2/promise'
import pg from 'pg'
import postgres from 'postgres'
import { doctors, lent, raceOf } from './doctors.ts'
import type { Application, Connected, Query } from './doctors.ts'
import { promised } from './drivers/promised.ts'

interface Engine {
  /** Of the transactions to come. */
  readonly readLevel: string
  readonly setLevel: (isolation: Isolation) => string
}

const onPostgres: Engine = {
  readLevel: 'show default_transaction_isolation',
  setLevel: (isolation) => `set session characteristics as transaction isolation level ${isolation}`,
}
const onMariadb: Engine = {
  readLevel: `show session variables where variable_name in ('transaction_isolation', 'tx_isolation')`,
  setLevel: (isolation) => `set session transaction isolation level ${isolation}`,
}

/** On two connections at once. */
function onBoth({ connected: [first, second] }: Application, text: string): Promise<unknown> {
  return first((one) => second(async (other) => [await one(text), await other(text)]))
}

function levelTest(name: string, application: Application, { readLevel, setLevel }: Engine): void {
  after(application.end)
  test(`${name}: a plain BEGIN runs at the level that is given; afterwards connections have their old one`, async () => {
    await onBoth(application, setLevel('read uncommitted'))
    const before = await onBoth(application, readLevel)
    assert.match(JSON.stringify(before), /(read uncommitted|READ-UNCOMMITTED).*\1|REPEATABLE-READ/)
    const found: Isolation[] = []
    for (const isolation of ['read committed', 'repeatable read', 'serializable'] as const) {
      const report = await explore({ ...raceOf(application), isolation })
      assert.deepEqual([report.isExhaustive, report.surprises], [true, []])
      assert.ok(report.server.endsWith(`, ${isolation}`), report.server)
      const [violation] = report.violations
      if (violation) {
        assert.match(String(violation.error), /The invariant does not hold/)
        found.push(isolation)
      }
      assert.deepEqual(await onBoth(application, readLevel), before)
    }
    assert.deepEqual(found, ['read committed', 'repeatable read'])
  })
}

/** Whoever takes a step for another than it is, leaves out orders that matter. */
function toldTest(name: string, application: Application, { setLevel }: Engine): void {
  test(`${name}: what connections were told by the application, counts no more where a level is given`, async () => {
    const race = raceOf(application)
    const [first, second] = application.connected
    const tell = (connected: Connected) => () => connected((query) => query(setLevel('repeatable read')))
    const counted = async () => {
      const { schedules, cut, infeasible } = await explore({ ...race, isolation: 'serializable' })
      return { schedules, cut, infeasible }
    }
    const before = await counted()
    await explore({ ...race, actors: { alice: tell(first), bob: tell(second) }, invariant: () => true })
    assert.deepEqual(await counted(), before)
  })
}

const database = await testDatabase({ name: 'race_isolation' })
async function pgApplications() {
  const sessions = pgSessions(pg, { connectionString: database.url })
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  const clients = [new pg.Client(database.url), new pg.Client(database.url)] as const
  for (const text of doctors) await pool.query(text)
  await Promise.all(clients.map((client) => client.connect()))
  const on =
    (client: pg.ClientBase): Query =>
    async (text) =>
      (await client.query<object>(text)).rows
  const [first, second] = clients
  return {
    'pg, a pool': {
      sessions,
      connected: [lent(() => pool.connect(), on), lent(() => pool.connect(), on)],
      end: () => pool.end(),
    },
    'pg, a client for each': {
      sessions,
      connected: [(work) => work(on(first)), (work) => work(on(second))],
      end: () => Promise.all(clients.map((client) => client.end())),
    },
  } satisfies Readonly<Record<string, Application>>
}

function postgresJsApplications(): Readonly<Record<string, Application>> {
  const sessions = postgresJsSessions(postgres, database.url)
  const sql = postgres(database.url, { max: 2, onnotice: () => {} })
  const one = () => postgres(database.url, { max: 1, onnotice: () => {} })
  const each = [one(), one()] as const
  const on =
    (connection: postgres.ISql): Query =>
    (text) =>
      connection.unsafe(text)
  const reserved = lent(() => sql.reserve(), on)
  const alone = (own: postgres.Sql) => lent(() => own.reserve(), on)
  const [first, second] = each
  return {
    'postgres.js, begin of a pool': {
      sessions,
      connected: [reserved, reserved],
      // It answers what the work does, of which its types make something else.
      transaction: ((work: (query: Query) => Promise<unknown>) =>
        sql.begin((inner) => work(on(inner)))) as Connected,
      end: () => sql.end(),
    },
    'postgres.js, reserved, a connection for each': {
      sessions,
      connected: [alone(first), alone(second)],
      end: () => Promise.all(each.map((own) => own.end())),
    },
  }
}

async function mysql2Applications({ url }: TestMariadb): Promise<Readonly<Record<string, Application>>> {
  const sessions = mysql2Sessions(mysql2, { uri: url })
  const on =
    (connection: mysql2.Connection): Query =>
    async (text) =>
      (await connection.query(text))[0]
  // A connection that is reset is not free as soon as it was given back.
  const pooled = (resetOnRelease: boolean): Application => {
    const pool = mysql2.createPool({ uri: url, connectionLimit: resetOnRelease ? 10 : 2, resetOnRelease })
    const connected = lent(() => pool.getConnection(), on)
    return { sessions, connected: [connected, connected], end: () => pool.end() }
  }
  const [first, second] = [await mysql2.createConnection(url), await mysql2.createConnection(url)]
  return {
    'mysql2, a pool': pooled(false),
    'mysql2, a pool that resets': pooled(true),
    'mysql2, a connection for each': {
      sessions,
      connected: [(work) => work(on(first)), (work) => work(on(second))],
      end: () => Promise.all([first.end(), second.end()]),
    },
  }
}

async function mariadbApplications(server: TestMariadb): Promise<Readonly<Record<string, Application>>> {
  const { host, port, user, password, database } = server
  const options = { host, port, user, password, database }
  const sessions = mariadbSessions(mariadb, options)
  const on =
    (connection: MariadbConnection): Query =>
    (text) =>
      connection.query<unknown>(text)
  const pooled = (resetAfterUse: boolean): Application => {
    const pool = mariadb.createPool({ ...options, connectionLimit: resetAfterUse ? 10 : 2, resetAfterUse })
    const connected = lent(() => pool.getConnection(), on)
    return { sessions, connected: [connected, connected], end: () => pool.end() }
  }
  const [first, second] = [await mariadb.createConnection(options), await mariadb.createConnection(options)]
  // Its gates see a statement that is prepared by what is inside of the connection.
  const prepared: Query = async (text) => {
    if (!text.startsWith('select')) return first.query<unknown>(text)
    const statement = await first.prepare(text)
    try {
      return await statement.execute<unknown>()
    } finally {
      statement.close()
    }
  }
  return {
    'mariadb, a pool': pooled(false),
    'mariadb, a pool that resets': pooled(true),
    'mariadb, a connection for each': {
      sessions,
      connected: [(work) => work(prepared), (work) => work(on(second))],
      end: () => Promise.all([first.end(), second.end()]),
    },
  }
}

function callbackApplication({ host, port, user, password, database }: TestMariadb): Application {
  const options = { host, port, user, password, database }
  const pool = callback.createPool({ ...options, connectionLimit: 2 })
  const connected: Connected = async (work) => {
    const connection = await promised<CallbackConnection>((done) => pool.getConnection(done))
    assert.ok(connection)
    try {
      return await work((text) => promised((done) => connection.query(text, done)))
    } finally {
      await promised((done) => connection.release(done))
    }
  }
  return {
    sessions: mariadbSessions(callback, options),
    connected: [connected, connected],
    end: () => promised((done) => pool.end(done)),
  }
}

const applications = { ...(await pgApplications()), ...postgresJsApplications() }
for (const [name, application] of Object.entries(applications)) levelTest(name, application, onPostgres)
toldTest('pg', applications['pg, a client for each'], onPostgres)
after(() => database.drop())

/** Each way in which postgres.js sends a statement takes another way to a connection. */
test('postgres.js: whichever way a statement is sent, it runs at the level', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'level.sql')
  writeFileSync(file, 'select current_setting($1) as level')
  const sql = postgres(database.url, { max: 3, onnotice: () => {} })
  stack.defer(() => sql.end())
  const setting = 'transaction_isolation'
  const seen: string[] = []
  const see = async (way: string, query: PromiseLike<readonly Readonly<Record<string, unknown>>[]>) => {
    const [row] = await query
    seen.push(`${way}: ${String(row?.['level'])}`)
  }
  const text = `select current_setting('${setting}') as level`
  await explore({
    sessions: postgresJsSessions(postgres, database.url),
    isolation: 'serializable',
    setup: () => {},
    actors: {
      async actor() {
        await see('file', sql.file(file, [setting]))
        await see('template', sql`select current_setting(${setting}) as level`)
        await Promise.all([see('first of two', sql.unsafe(text)), see('second', sql.unsafe(text))])
        await sql.begin(async (inner) => {
          await see('begin', inner.unsafe(text))
          await inner.savepoint((innermost) => see('savepoint', innermost.unsafe(text)))
          const lost = inner.savepoint((innermost) => innermost.unsafe('select 1 / 0'))
          await assert.rejects(async () => await lost, /division by zero/)
          await see('after an error', inner.unsafe(text))
        })
        // Of a query that has failed in a transaction, `begin` knows, whoever has caught its error.
        const failing = sql.begin(async (inner) => {
          await inner.unsafe('select 1 / 0').catch(() => {})
        })
        await assert.rejects(failing, /division by zero/)
        const reserved = await sql.reserve()
        await reserved.unsafe('begin isolation level read committed')
        await see('its own level', reserved.unsafe(text))
        await reserved.unsafe('commit')
        await see('reserved', reserved.unsafe(text))
        reserved.release()
        for await (const [row] of sql.unsafe(text).cursor(1))
          await see('cursor', Promise.resolve([row ?? {}]))
      },
    },
    invariant: () => true,
  })
  const ways = ['file', 'template', 'first of two', 'second', 'begin', 'savepoint', 'after an error']
  assert.deepEqual(
    new Set(seen),
    new Set([
      ...[...ways, 'reserved', 'cursor'].map((way) => `${way}: serializable`),
      'its own level: read committed',
    ]),
  )
  const left = await Promise.all([1, 2, 3].map(() => sql.unsafe(text)))
  assert.deepEqual(new Set(left.map(([row]) => String(row?.['level']))), new Set(['read committed']))
})

const server = await testMariadb({ name: 'race_isolation' })
if (server) {
  const connection = await mysql2.createConnection(server.url)
  for (const text of doctors) await connection.query(text)
  await connection.end()
  const here = {
    ...(await mysql2Applications(server)),
    ...(await mariadbApplications(server)),
    'mariadb/callback, a pool': callbackApplication(server),
  }
  for (const [name, application] of Object.entries(here)) levelTest(name, application, onMariadb)
  after(() => server.drop())
} else {
  test('isolation levels on MariaDB', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
}
