import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import { getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromPrisma, prismaTable } from 'onerow/prisma'
import { createEverything, mysql, postgresql, sqlite } from './prisma/everything.ts'
import type { Sample } from './prisma/everything.ts'
import { migrate, openMysql, openPostgresql, openSqlite } from './prisma/open-clients.ts'
import type { PrismaClient } from './prisma/open-clients.ts'

interface Engine {
  readonly name: string
  readonly db: Database
  /** Of any of the three: this test knows their fields by name only. */
  readonly everything: PrismaClient['everything']
  readonly samples: Readonly<Record<string, Sample>>
}

/** The row as Prisma's users get it. */
type Row = Readonly<Record<string, unknown>>

async function rowOf({ everything }: Engine, id: number): Promise<Row | null> {
  return everything.findUnique({ where: { id } })
}

function keyOf({ everything }: Engine) {
  return uniqueKey(prismaTable(everything), ['code'], { name: 'everything_code_key' })
}

let ids = 0

async function sameByPrismaAndOnerow(engine: Engine, values: Row): Promise<void> {
  const { db, everything } = engine
  const key = keyOf(engine)
  const [byPrisma, byOnerow] = [++ids, ++ids]
  const expected: Row = await everything.create({ data: { id: byPrisma, code: `${byPrisma}`, ...values } })
  const found = await getOrCreate(db, key, { where: { code: `${byPrisma}` }, create: { id: 0 } })
  assert.deepEqual({ ...found.row }, { ...expected })
  assert.deepEqual({ ...found.row }, { ...(await rowOf(engine, byPrisma)) })

  const create = { id: byOnerow, ...values }
  const made = await getOrCreate(db, key, { where: { code: `${byOnerow}` }, create })
  assert.equal(made.created, true)
  const own = { id: byOnerow, code: `${byOnerow}` }
  assert.deepEqual({ ...made.row }, { ...expected, ...own })
  assert.deepEqual({ ...(await rowOf(engine, byOnerow)) }, { ...expected, ...own })
}

async function sameWhenUpdated(engine: Engine, field: string, { value, other }: Sample): Promise<void> {
  const id = ++ids
  const where = { code: `${id}` }
  const create = { id, [field]: value }
  await getOrCreate(engine.db, keyOf(engine), { where, create })
  const update = () =>
    updateOrCreate(engine.db, keyOf(engine), { where, update: { [field]: other as never }, create })
  const { row, outcome } = await update()
  assert.equal(outcome, 'updated')
  await engine.everything.create({ data: { id: ++ids, code: `${ids}`, [field]: other } })
  const expected = { ...(await rowOf(engine, ids)), id, code: `${id}` }
  assert.deepEqual([{ ...row }, { ...(await rowOf(engine, id)) }], [expected, expected])
  assert.equal((await update()).outcome, 'unchanged')
}

async function testValues(engine: Engine): Promise<void> {
  for (const [field, sample] of Object.entries(engine.samples)) {
    test(`prisma on ${engine.name}: ${field} is what Prisma stores and reads`, async () => {
      await sameByPrismaAndOnerow(engine, { [field]: sample.value })
      await sameByPrismaAndOnerow(engine, { [field]: sample.other })
      await sameWhenUpdated(engine, field, sample)
    })
  }
  test(`prisma on ${engine.name}: all fields at once, and none`, async () => {
    const all = Object.entries(engine.samples).map(([field, { value }]) => [field, value])
    await sameByPrismaAndOnerow(engine, Object.fromEntries(all))
    await sameByPrismaAndOnerow(engine, {})
  })
}

const database = await testDatabase({ name: 'prisma_values' })
const server = await testMariadb({ name: 'prisma_values' })
const directory = await mkdtemp(join(tmpdir(), 'onerow-prisma-'))

const onPostgresql = openPostgresql(database.url)
await migrate(onPostgresql, [
  `create type document_type as enum ('AADHAAR_CARD', 'pan card', 'SALARY_SLIP')`,
  ...createEverything(postgresql, '"'),
])
const onSqlite = openSqlite(join(directory, 'values.db'))
await migrate(onSqlite, createEverything(sqlite, '"'))
after(async () => {
  await onPostgresql.$disconnect()
  await database.drop()
  await onSqlite.$disconnect()
  await rm(directory, { recursive: true })
})

await testValues({
  name: 'PostgreSQL',
  db: fromPrisma(onPostgresql),
  everything: onPostgresql.everything,
  samples: postgresql,
})
await testValues({
  name: 'SQLite',
  db: fromPrisma(onSqlite),
  everything: onSqlite.everything as unknown as Engine['everything'],
  samples: sqlite,
})
test('prisma on SQLite: a Float that JSON does not know is refused, and not stored as NULL', async () => {
  const key = uniqueKey(prismaTable(onSqlite.everything), ['code'], { name: 'everything_code_key' })
  const create = { id: ++ids, float: Number.NaN }
  await assert.rejects(getOrCreate(fromPrisma(onSqlite), key, { where: { code: 'NaN' }, create }), {
    name: 'TypeError',
    message: '"float" cannot be NaN by Prisma on sqlite.',
  })
})
if (server) {
  const onMariadb = openMysql(server.url)
  await migrate(onMariadb, createEverything(mysql, '`'))
  after(async () => {
    await onMariadb.$disconnect()
    await server.drop()
  })
  for (const as of ['mariadb', 'mysql'] as const)
    await testValues({
      name: `MariaDB, as ${as}`,
      db: fromPrisma(onMariadb, { server: as }),
      everything: onMariadb.everything as unknown as Engine['everything'],
      samples: mysql,
    })
} else {
  test('prisma on MariaDB', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
}
