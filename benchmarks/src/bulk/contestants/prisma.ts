import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../prisma/generated/client.ts'
import { poolOf } from '../../contestants/open-pool.ts'
import type { Item } from '../../item-table.ts'
import type { BulkContestant, Take } from '../bulk-contestant.ts'
import { chunksOf } from '../call-each.ts'
import type { NewItem } from '../item-list.ts'

/** As many rows as one statement has parameters for: 32,767 of them, three for each row. */
const chunk = 10_922

export const contestants: readonly BulkContestant[] = [
  {
    name: 'Prisma: createManyAndReturn',
    kind: 'by hand',
    transaction: 'batch',
    // Ten times as many would be as many times slower.
    longest: 100_000,
    note: `${chunk} rows each: createManyAndReturn({ skipDuplicates: true }); findMany of the rest, an IN for each kind`,
    open(connectionString) {
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, ...poolOf(10) }) })
      return {
        async run(list, take) {
          for (const items of chunksOf(list, chunk)) await insertOrFind(prisma, items, take)
        },
        close: () => prisma.$disconnect(),
      }
    },
  },
]

async function insertOrFind({ item }: PrismaClient, items: readonly NewItem[], take: Take): Promise<void> {
  const inserted = await item.createManyAndReturn({ data: [...items], skipDuplicates: true })
  const made = new Set(inserted.map(nameOf))
  for (const row of inserted) take(row, true)
  const rest = items.filter((each) => !made.has(nameOf(each)))
  // An OR of as many pairs takes minutes; with an IN for each kind, the database uses its index.
  const byKind = Map.groupBy(rest, ({ kind }) => kind)
  const OR = [...byKind].map(([kind, some]) => ({ kind, owner: { in: some.map(({ owner }) => owner) } }))
  for (const row of await item.findMany({ where: { OR } })) take(row, false)
}

function nameOf({ owner, kind }: Pick<Item, 'owner' | 'kind'>): string {
  return `${owner} ${kind}`
}
