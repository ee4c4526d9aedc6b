import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import { expectNoRace, explore, exploreEach, RaceError, replay } from '@onerow/race'
import type { Isolation, Sessions } from '@onerow/race'
import { mysql2Sessions } from '@onerow/race/mysql2'
import { pgSessions } from '@onerow/race/pg'
import mysql2 from 'mysql2/promise'
import pg from 'pg'
import { doctors, lent, raceOf } from './doctors.ts'

const database = await testDatabase({ name: 'race_each' })
const pool = new pg.Pool({ connectionString: database.url })
for (const text of doctors) await pool.query(text)
after(async () => {
  await pool.end()
  await database.drop()
})

const clients = lent(
  () => pool.connect(),
  (client) => async (text) => (await client.query<object>(text)).rows,
)
const onPostgres = raceOf({
  sessions: pgSessions(pg, { connectionString: database.url }),
  connected: [clients, clients],
})

const server = await testMariadb({ name: 'race_each' })
const mariadbPool = server && mysql2.createPool({ uri: server.url })
after(async () => {
  await mariadbPool?.end()
  await server?.drop()
})

const connections =
  mariadbPool &&
  lent(
    () => mariadbPool.getConnection(),
    (connection) => async (text) => (await connection.query(text))[0],
  )
const onMariadb =
  connections &&
  raceOf({
    sessions: mysql2Sessions(mysql2, { uri: server.url }),
    connected: [connections, connections],
  })
for (const text of doctors) await mariadbPool?.query(text)

const isolation = ['read committed', 'repeatable read', 'serializable'] as const

test(
  'write skew by engine and level: found below SERIALIZABLE, and not there',
  { skip: onMariadb ? false : `MariaDB is not installed: ${installCommand.mariadb}` },
  async () => {
    assert.ok(onMariadb)
    const matrix = await exploreEach({ PostgreSQL: onPostgres, MariaDB: onMariadb }, { isolation })
    const text = String(matrix)
    assert.deepEqual(
      matrix.reports.map(({ race, isolation, report }) => [race, isolation, report.violations.length > 0]),
      ['PostgreSQL', 'MariaDB'].flatMap((race) =>
        isolation.map((level) => [race, level, level !== 'serializable']),
      ),
    )
    assert.deepEqual(
      matrix.reports.flatMap(({ report }) => report.surprises),
      [],
    )
    const [head = '', , ...rows] = text.split('\n')
    assert.match(head, /^ +│ isolation +│ schedules │ infeasible │ violating │ errors$/)
    assert.match(rows[0] ?? '', /^PostgreSQL │ read committed +│ +\d+ │ +0 │ +[1-9]\d* │$/)
    assert.match(rows[2] ?? '', /^ +│ serializable +│ +\d+ │ +0 │ +0 │ \d+ × 40001: could not serialize/)
    assert.match(text, /\nMariaDB +│ read committed/)
    assert.match(text, /│ serializable +│.*× ER_LOCK_DEADLOCK/)
    assert.match(text, /\nPostgreSQL, read committed:\n\n +alice +│ bob\n/)
  },
)

test('the line to paste gives the worst again', async () => {
  const matrix = await exploreEach(
    { PostgreSQL: onPostgres },
    { isolation: ['serializable', 'repeatable read'] },
  )
  const [, level, schedule = ''] =
    /replay\(\{ \.\.\.races\["PostgreSQL"\], isolation: '(.*)' \}, '(.*)'\)$/.exec(String(matrix)) ?? []
  assert.equal(level, 'repeatable read')
  const again = await replay({ ...onPostgres, isolation: 'repeatable read' }, schedule)
  assert.equal(again.violations.length, 1)
  // There the server ends one of the two.
  const above = await replay({ ...onPostgres, isolation: 'serializable' }, schedule)
  assert.deepEqual([above.violations.length, above.errors.size], [0, 1])
})

test('without levels, connections stay as they are, or as the race says', async () => {
  const matrix = await exploreEach({
    'as it is': onPostgres,
    serializable: { ...onPostgres, isolation: 'serializable' },
  })
  assert.deepEqual(
    matrix.reports.map((cell) => [cell.race, cell.isolation, cell.report.violations.length > 0]),
    [
      ['as it is', undefined, true],
      ['serializable', 'serializable', false],
    ],
  )
  assert.match(String(matrix), /^as it is +│ as it is set/m)
})

test('expectNoRace, too, takes a level', async () => {
  await expectNoRace({ ...onPostgres, isolation: 'serializable' })
  await assert.rejects(expectNoRace({ ...onPostgres, isolation: 'repeatable read' }), RaceError)
})

test('what cannot be explored is refused', async () => {
  // As one without types might.
  const chaos = 'chaos' as Isolation
  await assert.rejects(
    explore({ ...onPostgres, isolation: chaos }),
    /no isolation level "chaos"; there are read/,
  )
  await assert.rejects(exploreEach({ a: onPostgres }, { isolation: [chaos] }), /no isolation level "chaos"/)
  await assert.rejects(exploreEach({}), /nothing to explore/)
  await assert.rejects(exploreEach({ a: onPostgres }, { isolation: [] }), /nothing to explore/)
  const { sessions } = onPostgres
  const deaf: Sessions = { open: () => sessions.open() }
  await assert.rejects(
    explore({ ...onPostgres, sessions: deaf, isolation: 'serializable' }),
    /pg, PostgreSQL .* do not know how to give/,
  )
  // And the gates were taken away.
  await expectNoRace({ ...onPostgres, isolation: 'serializable' })
})
