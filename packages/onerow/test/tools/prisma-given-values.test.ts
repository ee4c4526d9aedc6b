import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { onerow } from 'onerow/prisma'
import { createEverything, postgresql } from './prisma/everything.ts'
import { Prisma } from './prisma/generated/prisma/client.ts'
import { migrate, openPostgresql } from './prisma/open-clients.ts'
import { tables } from './prisma/tables.ts'

const database = await testDatabase({ name: 'prisma_given_values' })
const client = openPostgresql(database.url)
await migrate(client, [...tables.postgresql, ...createEverything(postgresql, '"')])
const prisma = client.$extends(onerow())
after(async () => {
  await client.$disconnect()
  await database.drop()
})

test("what Prisma's users write beside plain values: its nulls, an ISO date, a number for a Decimal", async () => {
  const values = {
    json: Prisma.JsonNull,
    jsonText: Prisma.DbNull,
    strings: ['a'],
    dateTime: '2026-02-28T23:59:59.123Z',
    decimal: 1.5,
    bigInt: 7,
  }
  const made = await prisma.everything.getOrCreate({
    where: { code: 'a' },
    create: { id: 1, ...values, strings: { set: ['a'] } },
  })
  const byPrisma = await client.everything.create({ data: { id: 2, code: 'b', ...values } })
  assert.deepEqual({ ...made.row, id: 2, code: 'b' }, { ...byPrisma })
  const nulls =
    'select jsonb_typeof(json) as json, "jsonText" is null as "jsonText" from everything where id = 1'
  assert.deepEqual(await client.$queryRawUnsafe(nulls), [{ json: 'null', jsonText: true }])
})

test('bytes, and a document with the names of what is not one', async () => {
  const values = { bytes: Buffer.from([0, 1, 255]), json: { _getName: 'x', set: 1 } }
  const { row } = await prisma.everything.getOrCreate({
    where: { code: 'bytes' },
    create: { id: 3, ...values },
  })
  assert.deepEqual([row.bytes, row.json], [new Uint8Array(values.bytes), values.json])
  const { row: updated } = await prisma.everything.updateOrCreate({
    where: { code: 'bytes' },
    update: { bytes: new Uint8Array([7]) },
    create: { id: 3 },
  })
  assert.deepEqual(updated.bytes, new Uint8Array([7]))
})

test('a Float that JSON does not know is stored, and is equal to itself', async () => {
  const where = { code: 'floats' }
  for (const float of [Number.NaN, Infinity, -Infinity]) {
    const values = { float, floats: [float, 1] }
    const set = async () =>
      prisma.everything.updateOrCreate({ where, update: values, create: { id: 4, ...values } })
    const { row } = await set()
    assert.deepEqual([row.float, row.floats], [float, [float, 1]])
    assert.equal((await set()).outcome, 'unchanged')
  }
})

test('an object where a scalar belongs is refused, wherever it comes from, and never stored as text', async () => {
  const refused = { name: 'TypeError', message: /takes a value, and neither an operation nor a filter/ }
  const object = { set: 'x' } as never
  const { email } = await client.user.create({ data: { email: 'scalar@example.com', name: 'Ada' } })
  const { user, document, everything } = prisma
  await assert.rejects(
    user.getOrCreate({ where: { email: { equals: 'x' } as never }, create: { name: 'x' } }),
    refused,
  )
  await assert.rejects(user.getOrCreate({ where: { email: 'x' }, create: { name: () => object } }), refused)
  await assert.rejects(user.getOrCreate({ where: { email: 'x' }, create: () => ({ name: object }) }), refused)
  const update = () => ({ name: object })
  await assert.rejects(user.updateOrCreate({ where: { email }, update, create: { name: 'x' } }), refused)
  await assert.rejects(
    document.getOrCreate({ where: { userId_file: { userId: 1, file: object } } } as never),
    refused,
  )
  for (const field of [
    'bytes',
    'decimal',
    'dateTime',
    'enum',
    'boolean',
    'int',
    'bigInt',
    'strings',
  ] as const) {
    const create = { id: 5, [field]: field === 'strings' ? [object] : object }
    await assert.rejects(everything.getOrCreate({ where: { code: 'x' }, create }), refused, field)
  }
  const create = { id: 5, dateTime: new Date(Number.NaN) }
  await assert.rejects(everything.getOrCreate({ where: { code: 'x' }, create }), { message: /^Not a date/ })
})

test('a list that holds a NULL, which Prisma does not know, is refused', async () => {
  await migrate(client, [
    `insert into everything (id, code, ints) values (6, 'ints', '{1,NULL}')`,
    `insert into everything (id, code, enums) values (7, 'enums', '{NULL,AADHAAR_CARD}')`,
  ])
  for (const code of ['ints', 'enums'])
    await assert.rejects(prisma.everything.getOrCreate({ where: { code }, create: { id: 8 } }), {
      name: 'TypeError',
      message: `The list "${code}" holds a NULL, which a list of Prisma cannot.`,
    })
})
