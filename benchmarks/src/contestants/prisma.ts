import { PrismaPg } from '@prisma/adapter-pg'
import { onerow } from 'onerow/prisma'
import { PrismaClient } from '../../prisma/generated/client.ts'
import { findOrInsert, hitsOnly } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import { poolOf } from './open-pool.ts'

export const contestants: readonly NodeContestant[] = [
  {
    name: 'Prisma: findUnique',
    kind: 'limit',
    isOrm: true,
    safe: false,
    workloads: hitsOnly,
    note: 'Prisma sends the findUniques of one turn of the event loop as one query',
    open: onPrisma(
      ({ item }) =>
        (owner, kind) =>
          item.findUniqueOrThrow({ where: { owner_kind: { owner, kind } } }),
    ),
  },
  {
    name: 'Prisma: upsert, update: {}',
    kind: 'own',
    isOrm: true,
    // One of two callers gets P2002: with nothing to update, Prisma 7 sends a SELECT and then an INSERT.
    safe: false,
    note: 'not native: a SELECT, then an INSERT that a rival fails',
    open: onPrisma(
      ({ item }) =>
        (owner, kind, label) =>
          item.upsert({
            where: { owner_kind: { owner, kind } },
            update: {},
            create: { owner, kind, label },
          }),
    ),
  },
  {
    name: 'Prisma: upsert',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: 'native, which Prisma needs something to update for: INSERT … ON CONFLICT DO UPDATE',
    open: onPrisma(upsert),
  },
  {
    name: 'Prisma: findUnique and upsert',
    kind: 'by hand',
    isOrm: true,
    safe: true,
    note: 'Prisma sends the findUniques of one turn of the event loop as one query',
    open: onPrisma((prisma) =>
      findOrInsert(
        (owner, kind) => prisma.item.findUnique({ where: { owner_kind: { owner, kind } } }),
        upsert(prisma),
      ),
    ),
  },
  {
    name: 'Prisma: onerow',
    kind: 'onerow',
    isOrm: true,
    safe: true,
    main: true,
    open: onPrisma((prisma) => {
      const { item } = prisma.$extends(onerow())
      return async (owner, kind, label) => {
        const { row } = await item.getOrCreate({ where: { owner_kind: { owner, kind } }, create: { label } })
        return row
      }
    }),
  },
]

/** Native: it sets a column to what it is, so that the row stays as it is. */
function upsert({ item }: PrismaClient): GetOrCreate {
  return (owner, kind, label) =>
    item.upsert({
      where: { owner_kind: { owner, kind } },
      update: { kind },
      create: { owner, kind, label },
    })
}

function onPrisma(call: (prisma: PrismaClient) => GetOrCreate): NodeContestant['open'] {
  return async (connectionString, connections) => {
    const adapter = new PrismaPg(
      { connectionString, ...poolOf(connections) },
      { statementNameGenerator: ({ sql }) => statementName(sql) },
    )
    const prisma = new PrismaClient({ adapter })
    return { getOrCreate: call(prisma), close: () => prisma.$disconnect() }
  }
}

const statementNames = new Map<string, string>()

/** Prisma prepares statements where it is told a name for each. */
function statementName(sql: string): string {
  let name = statementNames.get(sql)
  if (name === undefined) statementNames.set(sql, (name = `prisma_${statementNames.size}`))
  return name
}
