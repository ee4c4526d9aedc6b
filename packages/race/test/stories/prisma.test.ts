import { after } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { pgSessions } from '@onerow/race/pg'
import { getOrCreate, keySql, uniqueKey } from 'onerow'
import { fromPrisma, onerow, prismaTable } from 'onerow/prisma'
import pg from 'pg'
import { migrate, openPostgresql } from '../../../onerow/test/tools/prisma/open-clients.ts'
import type { PrismaClient } from '../../../onerow/test/tools/prisma/open-clients.ts'
import { testStory } from './story-tests.ts'

const database = await testDatabase({ name: 'race_stories_prisma' })
const prisma = openPostgresql(database.url)
const extended = prisma.$extends(onerow({ coalesce: false }))
const sessions = pgSessions(pg, { connectionString: database.url })
after(async () => {
  await prisma.$disconnect()
  await database.drop()
})

// As the schema has them, but without what is unique in it.
await migrate(prisma, [
  `create type document_type as enum ('AADHAAR_CARD', 'pan card', 'SALARY_SLIP')`,
  'create table user_account (id serial primary key, email text not null, name text not null)',
  `create table document (
    id bigserial primary key, user_id integer not null, document_type document_type not null, file text not null, page integer,
    deleted_at timestamp(3), created_at timestamp(3) not null default current_timestamp, updated_at timestamp(3) not null)`,
])

type Client = Pick<PrismaClient, 'user' | 'document'>
const email = 'c53b8ba212ef4f15b2365e1bb3d524fe@example.com'
const user = { where: { email }, create: { name: 'foo' } }

async function findThenCreate({ user }: Client) {
  return (await user.findFirst({ where: { email } })) ?? user.create({ data: { email, name: 'foo' } })
}

testStory({
  name: 'Prisma, story 1',
  sessions,
  setup: () => prisma.user.deleteMany(),
  read: () => prisma.user.findMany(),
  ways: {
    'findFirst, then create': () => findThenCreate(prisma),
    'findFirst, then create, in $transaction': () => prisma.$transaction(findThenCreate),
    // What is asked for in one tick, Prisma asks the database in one statement.
    'findUnique, then create': async () =>
      (await prisma.user.findUnique({ where: { email } })) ??
      prisma.user.create({ data: { email, name: 'foo' } }),
    // It believes the schema, not the database.
    'upsert with nothing to update': () =>
      prisma.user.upsert({ where: { email }, update: {}, create: { email, name: 'foo' } }),
  },
  cure: () => migrate(prisma, ['create unique index user_account_email_key on user_account (email)']),
  cured: {
    onerow: () => extended.user.getOrCreate(user),
    'onerow in $transaction': () => extended.$transaction((tx) => tx.user.getOrCreate(user)),
  },
})

const identityCard = uniqueKey(prismaTable(prisma.document), ['userId', 'type'], {
  name: 'unique_user_unique_document_type',
  condition: { type: ['AADHAAR_CARD', 'PAN_CARD'] },
})
const aadhaar = { userId: 7, type: 'AADHAAR_CARD' } as const
const slip = { userId: 7, type: 'SALARY_SLIP' } as const
const card = { where: aadhaar, create: { file: 'scan.pdf' } }

/** Guards the rule in the application. */
async function save({ document }: Client, data: typeof aadhaar | typeof slip) {
  if (data.type !== 'SALARY_SLIP' && (await document.count({ where: data })) > 0)
    throw new Error('Not allowed')
  return document.create({ data: { ...data, file: 'scan.pdf' } })
}

testStory({
  name: 'Prisma, story 2',
  sessions,
  setup: () => prisma.document.deleteMany(),
  read: () => prisma.document.findMany({ where: aadhaar }),
  ways: {
    'a check in save(), then create': () => save(prisma, aadhaar),
    'the same in $transaction': () => prisma.$transaction((tx) => save(tx, aadhaar)),
  },
  cure: () => migrate(prisma, [keySql(identityCard, fromPrisma(prisma).dialect)]),
  cured: {
    onerow: () => getOrCreate(fromPrisma(prisma, { coalesce: false }), identityCard, card),
    'onerow in $transaction': () =>
      prisma.$transaction((tx) => getOrCreate(fromPrisma(tx), identityCard, card)),
  },
  free: {
    save: () => save(prisma, slip),
    read: () => prisma.document.findMany({ where: slip }),
  },
})
