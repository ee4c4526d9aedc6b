import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, keySql, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

interface Measure {
  readonly name: string
  readonly a: number | null
  readonly b: number | null
  readonly c: number | null
  readonly d: number | null
  readonly e: number | null
  readonly f: number | null
  readonly g: number | null
  readonly h: number | null
  readonly i: number | null
}

const optional = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const

const measures = table<Measure, Pick<Measure, 'name'> & Partial<Measure>>('measure', {
  columns: { name: 'name', a: 'a', b: 'b', c: 'c', d: 'd', e: 'e', f: 'f', g: 'g', h: 'h', i: 'i' },
})
const byName = uniqueKey(measures, ['name'], { name: 'measure_name' })

const database = await testDatabase({ name: 'prepared_names' })
after(() => database.drop())
const setup = new pg.Client(database.url)
await setup.connect()
await setup.query(
  `create table measure (name text not null, ${optional.map((column) => `${column} integer`).join(', ')})`,
)
await setup.query(keySql(byName, postgres))
await setup.end()

/** The values of one of the sets of columns, of which there are 2 to the power of 9. */
const valuesOf = (set: number): Partial<Measure> =>
  Object.fromEntries(optional.filter((_, bit) => (set >> bit) & 1).map((column) => [column, set]))

/** What the only connection of the pool has prepared, and how often each has run. */
async function preparedOn(pool: pg.Pool): Promise<readonly number[]> {
  const { rows } = await pool.query<{ runs: number }>(
    'select (generic_plans + custom_plans)::integer as runs from pg_prepared_statements',
  )
  return rows.map(({ runs }) => runs)
}

test('a statement that comes again is prepared once', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const sets = [0, 1, 2]
  for (let round = 0; round < 10; round++)
    for (const set of sets)
      await getOrCreate(fromPg(pool), byName, {
        where: { name: `again ${round} ${set}` },
        create: valuesOf(set),
      })
  assert.deepEqual(
    await preparedOn(pool),
    sets.map(() => 10),
  )
  await pool.end()
})

test('only so many statements are prepared, and the others run all the same', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const none = Object.fromEntries(optional.map((column) => [column, null]))
  for (let set = 0; set < 300; set++) {
    const values = { where: { name: `of many ${set}` }, create: valuesOf(set) }
    const answers = [
      await getOrCreate(fromPg(pool), byName, values),
      await getOrCreate(fromPg(pool), byName, values),
    ]
    const row = { ...none, ...values.where, ...values.create }
    assert.deepEqual(answers, [
      { row, created: true },
      { row, created: false },
    ])
  }
  assert.equal((await preparedOn(pool)).length, 250)
  await pool.end()
})
