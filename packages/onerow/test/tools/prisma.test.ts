import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { AlreadyExistsError, getOrCreate, isOnerowError, keySql, uniqueKey, verifyKeys } from 'onerow'
import { fromPrisma, onerow, prismaTable } from 'onerow/prisma'
import { createEverything, postgresql } from './prisma/everything.ts'
import { migrate, openPostgresql } from './prisma/open-clients.ts'
import { tables } from './prisma/tables.ts'

const database = await testDatabase({ name: 'prisma' })
const client = openPostgresql(database.url)
await migrate(client, [...tables.postgresql, ...createEverything(postgresql, '"')])
const prisma = client.$extends(onerow())
after(async () => {
  await client.$disconnect()
  await database.drop()
})

async function newUser() {
  const email = `${crypto.randomUUID()}@example.com`
  return client.user.create({ data: { email, name: 'Ada' } })
}

test('a unique field: created once, then found; the row is what findUnique gives', async () => {
  const where = { email: 'ada@example.com' }
  const made = await prisma.user.getOrCreate({ where, create: { name: 'Ada' } })
  const found = await prisma.user.getOrCreate({ where, create: { name: 'Bob' } })
  assert.deepEqual([made.created, found.created], [true, false])
  const expected = { ...(await client.user.findUnique({ where })) }
  assert.deepEqual([{ ...made.row }, { ...found.row }], [expected, expected])
  const byId = await prisma.user.getOrCreate({
    where: { id: made.row.id },
    create: { email: 'b', name: 'Bob' },
  })
  assert.deepEqual([byId.created, byId.row], [false, found.row])
})

test('a compound, whether named or not, with renamed columns and a renamed enum value', async () => {
  const { id: userId } = await newUser()
  const lookup = {
    where: { userId_file: { userId, file: 'pan.pdf' } },
    create: { type: 'PAN_CARD' },
  } as const
  const made = await prisma.document.getOrCreate(lookup)
  const found = await prisma.document.getOrCreate(lookup)
  assert.deepEqual([made.created, found.created, found.row], [true, false, made.row])
  assert.deepEqual({ ...made.row }, { ...(await client.document.findFirst({ where: { userId } })) })

  const named = await prisma.document.getOrCreate({
    where: { document: { userId, type: 'PAN_CARD' } },
    create: { file: 'other.pdf' },
  })
  assert.deepEqual([named.created, named.row.id], [false, made.row.id])
})

test('a partial index: a removed row frees the key, and is never given back', async () => {
  const { id: userId } = await newUser()
  const get = () => prisma.document.getOrCreate({ where: { document: { userId, type: 'PAN_CARD' } } })
  const first = await get()
  assert.equal(first.row.file, 'https://example.com/{none}.pdf', 'the default')
  await client.document.update({
    where: { id: first.row.id },
    data: { deletedAt: new Date(), file: 'old.pdf' },
  })
  const second = await get()
  assert.deepEqual([first.created, second.created], [true, true])
  assert.notEqual(second.row.id, first.row.id)
})

test('a partial index with `not: null` and a value by its name in the database', async () => {
  const { id: userId } = await newUser()
  const scan = { userId, type: 'PAN_CARD', page: 7 } as const
  const made = await prisma.document.getOrCreate({ where: { scan } })
  assert.deepEqual(
    [made.created, (await prisma.document.getOrCreate({ where: { scan } })).created],
    [true, false],
  )
  const outside = prisma.document.getOrCreate({ where: { scan: { ...scan, type: 'SALARY_SLIP' } } })
  await assert.rejects(outside, { kind: 'outside-key' })
})

test('a condition that only SQL can say: the error tells what to declare, and that works', async () => {
  const { id: userId } = await newUser()
  await assert.rejects(
    prisma.document.getOrCreate({
      where: { userId_page: { userId, page: 1 } },
      create: { type: 'PAN_CARD' },
    }),
    /uniqueKey\(prismaTable\(prisma\.document\), \['userId', 'page'\], \{ name: 'odd_page', condition/,
  )
  await assert.rejects(
    prisma.document.getOrCreate({ where: { notSlip: { type: 'PAN_CARD', page: 1 } }, create: { userId } }),
    /condition of Document\.notSlip cannot be read/,
  )
  const identityCard = uniqueKey(prismaTable(prisma.document), ['userId', 'type'], {
    name: 'document_of_user',
    condition: { deletedAt: null },
  })
  assert.deepEqual(await verifyKeys(fromPrisma(prisma), [identityCard]), [])
  const { row } = await getOrCreate(fromPrisma(prisma), identityCard, { where: { userId, type: 'PAN_CARD' } })
  assert.equal(row.type, 'PAN_CARD')
})

test('updateOrCreate: by values, by a function under the lock; what is equal already is not written', async () => {
  const { id: userId } = await newUser()
  const where = { document: { userId, type: 'PAN_CARD' } } as const
  const update = (page: number) => prisma.document.updateOrCreate({ where, update: { page } })
  const made = await update(1)
  const updated = await update(2)
  const unchanged = await update(2)
  assert.deepEqual([made.outcome, updated.outcome, unchanged.outcome], ['created', 'updated', 'unchanged'])
  assert.ok(updated.row.updatedAt > made.row.updatedAt, '@updatedAt is set')
  assert.deepEqual(unchanged.row, updated.row, 'and is no change itself')

  const calls = Array.from({ length: 20 }, () =>
    prisma.document.updateOrCreate({ where, update: ({ page }) => ({ page: (page ?? 0) + 1 }) }),
  )
  await Promise.all(calls)
  assert.equal((await client.document.findFirst({ where: { userId } }))?.page, 22)
})

test('createUnique tells that the row exists, and gives it', async () => {
  const where = { email: 'unique@example.com' }
  const row = await prisma.user.createUnique({ where, create: { name: 'Ada' } })
  const error = await prisma.user
    .createUnique({ where, create: { name: 'Bob' } })
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof AlreadyExistsError)
  assert.deepEqual(error.row, row)
})

test('64 callers on one fresh key: one creates, all get its row', async () => {
  const where = { email: 'popular@example.com' }
  const calls = Array.from({ length: 64 }, () => prisma.user.getOrCreate({ where, create: { name: 'Ada' } }))
  const results = await Promise.all(calls)
  assert.equal(results.filter(({ created }) => created).length, 1)
  assert.equal(new Set(results.map(({ row }) => row.id)).size, 1)
})

test("what Prisma's engine makes for a new row is made, and is what Prisma makes of it", async () => {
  const { row } = await prisma.made.getOrCreate({ where: { key: 'a' } })
  const byPrisma = await client.made.create({ data: { key: 'b' } })
  const shapes = {
    cuid: /^c[a-z0-9]{24}$/,
    cuid2: /^[a-z][a-z0-9]{23}$/,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    uuid7: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ulid: /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
    nanoid: /^[\w-]{21}$/,
    nanoid9: /^[\w-]{9}$/,
  } as const
  for (const [name, shape] of Object.entries(shapes))
    for (const made of [row, byPrisma]) assert.match(made[name as keyof typeof shapes], shape, name)
  for (const timed of ['cuid', 'uuid7', 'ulid'] as const)
    assert.equal(row[timed].slice(0, 5), byPrisma[timed].slice(0, 5), `the time in ${timed}`)
  assert.ok(row.now instanceof Date && row.updated instanceof Date)
  assert.deepEqual({ ...row }, { ...(await client.made.findUnique({ where: { key: 'a' } })) })
  const own = await prisma.made.getOrCreate({
    where: { key: 'own' },
    create: { cuid: 'mine', state: 'final' },
  })
  assert.deepEqual([own.row.cuid, own.row.state], ['mine', 'final'])
})

test('a literal default that the database does not have is given, as Prisma gives it', async () => {
  const { row } = await prisma.made.getOrCreate({ where: { key: 'literals' } })
  const literals = ({
    state,
    type,
    open,
    count,
    ratio,
    big,
    since,
    tags,
    types,
    price,
    info,
  }: typeof row) => {
    return { state, type, open, count, ratio, big, since, tags, types, price, info }
  }
  const byPrisma = await client.made.create({ data: { key: 'literals by Prisma' } })
  assert.deepEqual(literals(row), literals(byPrisma))
  assert.deepEqual([row.type, row.tags], ['PAN_CARD', ['a', 'b c']])
})

test('a field that a `result` extension computes is there, as Prisma has it', async () => {
  const shouting = client
    .$extends({
      result: { user: { shout: { needs: { name: true }, compute: (row) => row.name.toUpperCase() } } },
    })
    .$extends({
      result: { user: { twice: { needs: { shout: true }, compute: (row) => `${row.shout} ${row.shout}` } } },
    })
    .$extends(onerow())
    .$extends({ client: { last: true } })
  const where = { email: 'computed@example.com' }
  const { row } = await shouting.user.getOrCreate({ where, create: { name: 'Ada' } })
  const expected = await shouting.user.findUniqueOrThrow({ where })
  assert.deepEqual([row.shout, row.twice], [expected.shout, expected.twice])
  assert.equal(JSON.stringify(row), JSON.stringify(expected))
})

test('a call that names no key, two, or what is not one, is refused before any SQL', async () => {
  const get = async (where: object) => prisma.user.getOrCreate({ where, create: { name: 'Ada' } } as never)
  const nothing = prisma.user.getOrCreate as () => Promise<unknown>
  await assert.rejects(nothing.call(prisma.user), {
    name: 'TypeError',
    message: /^`where` must name .* none/,
  })
  for (const [where, named] of [
    [{}, 'none'],
    [{ email: undefined }, 'none'],
    [{ name: 'Ada' }, 'name'],
    [{ id: 1, email: 'a' }, 'id, email'],
    [{ AND: [] }, 'AND'],
  ] as const)
    await assert.rejects(get(where), {
      name: 'TypeError',
      message: `\`where\` must name exactly one unique field or compound of User, of id, email; it names ${named}.`,
    })
})

test("Prisma's nested writes and operations are refused, with what to give instead", async () => {
  const where = { document: { userId: 1, type: 'PAN_CARD' } }
  const create = { user: { connect: { id: 1 } } }
  await assert.rejects(
    prisma.document.getOrCreate({ where, create } as never),
    /Document\.user: give userId instead/,
  )
  const increment = { where, update: { page: { increment: 1 } } }
  await assert.rejects(
    prisma.document.updateOrCreate(increment as never),
    /"page" takes a value, and neither an operation nor a filter: for an update, give a function/,
  )
  const documents = { where: { email: 'a' }, create: { name: 'a', documents: { create: [] } } }
  await assert.rejects(
    prisma.user.getOrCreate(documents as never),
    /User\.documents: write it by Prisma, afterwards/,
  )
})

test('without its index the key is refused, on a column that was renamed the call fails at once', async () => {
  await migrate(client, ['alter index user_account_email_key rename to renamed', 'drop index renamed'])
  const get = () => prisma.user.getOrCreate({ where: { email: 'late@example.com' }, create: { name: 'Ada' } })
  const error = await get().catch((caught: unknown) => caught)
  assert.ok(isOnerowError(error) && error.kind === 'key-not-enforced')
  const byEmail = uniqueKey(prismaTable(prisma.user), ['email'], { name: 'user_account_email_key' })
  await migrate(client, [keySql(byEmail, fromPrisma(prisma).dialect)])
  assert.equal((await get()).created, true)
  await migrate(client, ['alter table user_account rename email to mail'])
  await assert.rejects(get(), { name: 'PrismaClientKnownRequestError', code: 'P2010' })
  await migrate(client, ['alter table user_account rename mail to email'])
})
