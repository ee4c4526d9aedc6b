import { getOrCreate, uniqueKey } from 'onerow'
import type { Database, RowOf } from 'onerow'
import { fromPrisma, onerow, prismaTable } from 'onerow/prisma'
import type { PrismaInsert, PrismaRow } from 'onerow/prisma'
import type { PrismaClient as MysqlClient } from '../tools/prisma/generated/prisma-mysql/client.ts'
import type { PrismaClient as SqliteClient } from '../tools/prisma/generated/prisma-sqlite/client.ts'
import type { Prisma, PrismaClient } from '../tools/prisma/generated/prisma/client.ts'

// Compiles or not; never run. Prisma's real types, so that their drift fails the build.

type Same<A, B> = [A, B] extends [B, A] ? true : false

export function clients(prisma: PrismaClient, mysql: MysqlClient, sqlite: SqliteClient) {
  fromPrisma(prisma) satisfies Database<Prisma.TransactionClient>
  fromPrisma(mysql, { server: 'mariadb', maxWait: 2000, timeout: 5000 })
  fromPrisma(sqlite)
  fromPrisma(prisma.$extends(onerow()))
  // @ts-expect-error not a client
  fromPrisma({})
  // @ts-expect-error no such server
  fromPrisma(mysql, { server: 'percona' })
  return prisma.$transaction((tx) => fromPrisma(tx).begin(async ({ client }) => client.user.findFirst()))
}

export function tables(prisma: PrismaClient) {
  const documents = prismaTable(prisma.document)
  const row: Same<PrismaRow<typeof prisma.document>, Prisma.DocumentModel> = true
  const insert: Same<PrismaInsert<typeof prisma.document>, Prisma.DocumentCreateManyInput> = true
  // @ts-expect-error not a model
  prismaTable(prisma)

  const identityCard = uniqueKey(documents, ['userId', 'type'], {
    name: 'document_of_user',
    condition: { type: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
  })
  const keyRow: Same<RowOf<typeof identityCard>, Prisma.DocumentModel> = true
  // @ts-expect-error not a field
  uniqueKey(documents, ['user_id'], { name: 'document_of_user' })
  const db = fromPrisma(prisma)
  void getOrCreate(db, identityCard, { where: { userId: 7, type: 'PAN_CARD' }, create: { page: 1 } })
  void getOrCreate(db, identityCard, { where: { userId: 7, type: 'PAN_CARD' } })
  // @ts-expect-error outside of the condition
  void getOrCreate(db, identityCard, { where: { userId: 7, type: 'SALARY_SLIP' } })
  // @ts-expect-error a relation is no column
  void getOrCreate(db, identityCard, { where: { userId: 7, type: 'PAN_CARD' }, create: { user: {} } })
  const byEmail = uniqueKey(prismaTable(prisma.user), ['email'], { name: 'user_account_email_key' })
  // @ts-expect-error `name` is required
  void getOrCreate(db, byEmail, { where: { email: 'ada@example.com' } })
  return [row, insert, keyRow]
}

export async function extension(client: PrismaClient) {
  const prisma = client.$extends(onerow())
  const create = { name: 'Ada' }
  const { row, created } = await prisma.user.getOrCreate({ where: { email: 'a' }, create })
  const result: [Same<typeof row, Prisma.UserModel>, Same<typeof created, boolean>] = [true, true]
  await prisma.user.getOrCreate({ where: { id: 1 }, create: { email: 'a', name: () => 'Ada' } })
  await prisma.user.getOrCreate({ where: { email: 'a' }, create: async () => create })
  // @ts-expect-error not unique
  await prisma.user.getOrCreate({ where: { name: 'Ada' }, create: { email: 'a' } })
  // @ts-expect-error `name` is required
  await prisma.user.getOrCreate({ where: { email: 'a' }, create: {} })
  // @ts-expect-error `name` is required
  await prisma.user.getOrCreate({ where: { email: 'a' } })
  // @ts-expect-error nothing beside the unique field
  await prisma.user.getOrCreate({ where: { email: 'a', name: 'Ada' }, create })
  // @ts-expect-error `where` says it already
  await prisma.user.getOrCreate({ where: { email: 'a' }, create: { ...create, email: 'a' } })
  // @ts-expect-error no such field
  await prisma.user.getOrCreate({ where: { email: 'a' }, create: { ...create, nick: 'a' } })
  // @ts-expect-error scalars only
  await prisma.user.getOrCreate({ where: { email: 'a' }, create: { ...create, documents: {} } })

  await prisma.document.getOrCreate({ where: { document: { userId: 1, type: 'PAN_CARD' } } })
  await prisma.document.getOrCreate({
    where: { userId_file: { userId: 1, file: 'f' } },
    create: { type: 'PAN_CARD' },
  })
  // @ts-expect-error half of the compound
  await prisma.document.getOrCreate({ where: { userId_file: { userId: 1 } }, create: { type: 'PAN_CARD' } })
  // @ts-expect-error `type` is required
  await prisma.document.getOrCreate({ where: { userId_file: { userId: 1, file: 'f' } } })

  const updated = await prisma.user.updateOrCreate({
    where: { email: 'a' },
    update: (current) => ({ name: `${current.name}!` }),
    create,
  })
  const outcome: Same<typeof updated.outcome, 'created' | 'updated' | 'unchanged'> = true
  await prisma.user.updateOrCreate({ where: { email: 'a' }, update: { name: 'B' }, create })
  // @ts-expect-error the key does not change
  await prisma.user.updateOrCreate({ where: { email: 'a' }, update: { email: 'b' }, create })
  await prisma.document.updateOrCreate({
    where: { id: 1 },
    // @ts-expect-error Prisma's operations are Prisma's
    update: { page: { increment: 1 } },
    create: { userId: 1, type: 'PAN_CARD' },
  })
  const unique: Prisma.UserModel = await prisma.user.createUnique({ where: { email: 'a' }, create })

  await prisma.$transaction(async (tx) => tx.user.getOrCreate({ where: { email: 'a' }, create }))
  const extended = prisma.$extends({
    result: { user: { shout: { needs: { name: true }, compute: ({ name }) => name.toUpperCase() } } },
  })
  const { row: loud } = await extended.user.getOrCreate({ where: { email: 'a' }, create })
  const shout: string = loud.shout
  return { result, outcome, unique, shout }
}
