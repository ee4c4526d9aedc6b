import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import { getOrCreate, transaction, uniqueKey } from 'onerow'
import { fromPrisma, onerow, prismaTable } from 'onerow/prisma'
import type { PrismaOptions } from 'onerow/prisma'
import { migrate, openMysql, openPostgresql, openSqlite } from './prisma/open-clients.ts'
import type { PrismaClient } from './prisma/open-clients.ts'
import { tables } from './prisma/tables.ts'

interface Engine {
  readonly name: string
  /** With the same `user` on every engine, in the types of one. Each has a connection of its own, and no more. */
  readonly open: () => PrismaClient
  readonly options?: PrismaOptions
}

const database = await testDatabase({ name: 'prisma_transactions' })
const server = await testMariadb({ name: 'prisma_transactions' })
const directory = await mkdtemp(join(tmpdir(), 'onerow-prisma-'))
const file = join(directory, 'transactions.db')

const engines: readonly Engine[] = [
  { name: 'PostgreSQL', open: () => openPostgresql(database.url, 1) },
  { name: 'SQLite', open: () => openSqlite(file) as unknown as PrismaClient },
  ...(server
    ? [
        {
          name: 'MariaDB',
          open: () => openMysql(server.url, 1) as unknown as PrismaClient,
          options: { server: 'mariadb' } as const,
        },
      ]
    : []),
]
if (!server) test('prisma on MariaDB', { skip: `MariaDB is not installed: ${installCommand.mariadb}` })

const opened: PrismaClient[] = []
after(async () => {
  for (const client of opened) await client.$disconnect()
  await database.drop()
  await server?.drop()
  await rm(directory, { recursive: true })
})

function extended({ open, options }: Engine) {
  const client = open()
  opened.push(client)
  // Extended once more, so that the methods are not those of the client's last extension.
  return client.$extends(onerow(options)).$extends({ client: { mine: true } })
}

async function migrated(engine: Engine, statements: readonly string[]) {
  const client = engine.open()
  await migrate(client, statements)
  await client.$disconnect()
}
await migrated({ name: '', open: () => openPostgresql(database.url) }, tables.postgresql)
await migrated({ name: '', open: () => openSqlite(file) as unknown as PrismaClient }, [
  'pragma journal_mode = wal',
  ...tables.sqlite,
])
if (server)
  await migrated({ name: '', open: () => openMysql(server.url) as unknown as PrismaClient }, tables.mysql)

const newEmail = () => `${crypto.randomUUID()}@example.com`
const rolledBack = new Error('rolled back')

function ownKey(prisma: ReturnType<typeof extended>) {
  return uniqueKey(prismaTable(prisma.user), ['email'], { name: 'user_account_email_key' })
}

for (const engine of engines) {
  const name = (what: string) => `prisma on ${engine.name}: ${what}`

  test(
    name('in a transaction the methods are part of it, on its one connection; a rollback takes the row away'),
    async () => {
      const prisma = extended(engine)
      const where = { email: newEmail() }
      const seen: boolean[] = []
      const work = prisma.$transaction(async (tx) => {
        const made = await tx.user.getOrCreate({ where, create: { name: 'Ada' } })
        const again = await tx.user.getOrCreate({ where, create: { name: 'Ada' } })
        const updated = await tx.user.updateOrCreate({
          where,
          update: ({ name }) => ({ name: `${name}!` }),
          create: { name: '' },
        })
        assert.deepEqual({ ...updated.row }, { ...(await tx.user.findUnique({ where })) })
        seen.push(made.created, again.created)
        throw rolledBack
      })
      await assert.rejects(work, rolledBack)
      assert.deepEqual(seen, [true, false])
      assert.equal(await prisma.user.findUnique({ where }), null)
    },
  )

  test(name('fromPrisma in a transaction of the caller, committed with the rest of it'), async () => {
    const prisma = extended(engine)
    const [email, other] = [newEmail(), newEmail()]
    await prisma.$transaction(async (tx) => {
      const db = fromPrisma(tx, engine.options)
      await tx.user.create({ data: { email: other, name: 'Bob' } })
      assert.equal(await db.inTransaction(), true)
      await getOrCreate(db, ownKey(prisma), { where: { email }, create: { name: 'Ada' } })
      await assert.rejects(
        db.begin(async () => {}),
        /do not nest/,
      )
    })
    assert.equal(await prisma.user.count({ where: { email: { in: [email, other] } } }), 2)
  })

  test(
    name("onerow's own transactions: on one connection, with Prisma's client, all or nothing"),
    async () => {
      const prisma = extended(engine)
      const email = newEmail()
      const work = transaction(fromPrisma(prisma, engine.options), async (tx) => {
        const { row } = await getOrCreate(tx, ownKey(prisma), { where: { email }, create: { name: 'Ada' } })
        await tx.client.user.update({ where: { id: row.id }, data: { name: 'Bob' } })
        throw rolledBack
      })
      await assert.rejects(work, rolledBack)
      assert.equal(await prisma.user.count({ where: { email } }), 0)
    },
  )

  test(name('a call that its transaction did not wait for is refused'), async () => {
    const prisma = extended(engine)
    const late: Promise<unknown>[] = []
    let end = () => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    await fromPrisma(prisma, engine.options).begin(async (tx) => {
      const call = async () => {
        await ended
        return tx.execute({ text: 'select 1 as one', values: [] })
      }
      late.push(call())
    })
    end()
    await assert.rejects(Promise.all(late), /This transaction has ended/)
  })

  test(name('64 callers who update by a function wait for the one connection'), async () => {
    const prisma = extended(engine)
    const where = { email: newEmail() }
    const calls = Array.from({ length: 64 }, () =>
      prisma.user.updateOrCreate({
        where,
        update: ({ name }) => ({ name: `${name}.` }),
        create: { name: '' },
      }),
    )
    const results = await Promise.all(calls)
    assert.equal(results.filter(({ created }) => created).length, 1)
    assert.equal((await prisma.user.findUnique({ where }))?.name, '.'.repeat(63))
  })

  test(name('`maxWait` bounds the wait for a connection, where the caller wants that'), async () => {
    const prisma = extended(engine)
    await prisma.$transaction(async () => {
      const db = fromPrisma(prisma, { ...engine.options, maxWait: 1 })
      await assert.rejects(
        db.begin(async () => {}),
        { code: 'P2028' },
      )
    })
  })

  test(name('in a batch of promises the methods have no place, and Prisma says so'), async () => {
    const prisma = extended(engine)
    const call = prisma.user.getOrCreate({ where: { email: newEmail() }, create: { name: 'Ada' } })
    await assert.rejects(
      async () => prisma.$transaction([call as never]),
      /need to be Prisma Client promises/,
    )
    await call
  })
}

test('prisma on PostgreSQL: a lost race neither poisons the transaction nor loses its other writes', async () => {
  const [engine = assert.fail()] = engines
  const [prisma, rival, watcher] = [extended(engine), extended(engine), extended(engine)]
  const [email, other] = [newEmail(), newEmail()]
  const ours = async () =>
    prisma.$transaction(async (tx) => {
      await tx.user.create({ data: { email: other, name: 'kept' } })
      return tx.user.getOrCreate({ where: { email }, create: { name: 'Ada' } })
    })
  const { call } = await rival.$transaction(async (tx) => {
    await tx.user.create({ data: { email, name: 'rival' } })
    const call = ours()
    await untilBlocked(watcher)
    return { call }
  })
  const { row, created } = await call
  assert.deepEqual([created, row.name], [false, 'rival'])
  assert.equal((await prisma.user.findUnique({ where: { email: other } }))?.name, 'kept')
})

async function untilBlocked(watcher: ReturnType<typeof extended>): Promise<void> {
  // The server is shared with other tests, each in a database of its own.
  const text = `select count(*)::integer as waiting from pg_stat_activity
    where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`
  const giveUp = AbortSignal.timeout(20_000)
  for (;;) {
    const [row] = await watcher.$queryRawUnsafe<{ waiting: number }[]>(text)
    if (row?.waiting === 1) return
    giveUp.throwIfAborted()
  }
}

test("prisma on SQLite: a call is not part of the transaction that is open on Prisma's one connection", async () => {
  const engine = engines.find(({ name }) => name === 'SQLite') ?? assert.fail()
  const prisma = extended(engine)
  const where = { email: newEmail() }
  const calls: Promise<{ readonly created: boolean }>[] = []
  const work = prisma.$transaction(async (tx) => {
    await tx.user.create({ data: { ...where, name: 'lost' } })
    calls.push(prisma.user.getOrCreate({ where, create: { name: 'kept' } }))
    throw rolledBack
  })
  await assert.rejects(work, rolledBack)
  const [result] = await Promise.all(calls)
  assert.equal(result?.created, true)
  assert.equal((await prisma.user.findUnique({ where }))?.name, 'kept')
})

test('prisma on SQLite: a partial index, a boolean and a cuid', async () => {
  const client = openSqlite(file)
  opened.push(client as unknown as PrismaClient)
  const prisma = client.$extends(onerow())
  const where = { current: { userId: 1, type: 'PAN_CARD' } } as const
  const { row } = await prisma.document.getOrCreate({ where, create: { file: 'pan.pdf' } })
  assert.match(row.id, /^c[a-z0-9]{24}$/)
  assert.deepEqual([row.isCurrent, { ...row }], [true, { ...(await client.document.findFirst()) }])
})

test('prisma on MariaDB: a compound id', { skip: !server && installCommand.mariadb }, async () => {
  const client = openMysql(server?.url ?? '')
  opened.push(client as unknown as PrismaClient)
  for (const as of ['mysql', 'mariadb'] as const) {
    const prisma = client.$extends(onerow({ server: as }))
    const where = { userId_type: { userId: as === 'mysql' ? 1 : 2, type: 'PAN_CARD' } } as const
    const made = await prisma.document.getOrCreate({ where, create: { file: 'pan.pdf' } })
    const updated = await prisma.document.updateOrCreate({
      where,
      update: { file: 'new.pdf' },
      create: { file: '' },
    })
    assert.deepEqual([made.created, updated.outcome], [true, 'updated'])
    assert.deepEqual({ ...updated.row }, { ...(await client.document.findUnique({ where })) })
  }
})
