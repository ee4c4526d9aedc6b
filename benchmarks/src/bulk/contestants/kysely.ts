import { Kysely, PostgresDialect } from 'kysely'
import type { Generated } from 'kysely'
import { openPool } from '../../contestants/open-pool.ts'
import type { Item } from '../../item-table.ts'
import type { BulkContestant, Take } from '../bulk-contestant.ts'
import { chunksOf } from '../call-each.ts'
import type { NewItem } from '../item-list.ts'

interface Database {
  item: Omit<Item, 'id'> & { readonly id: Generated<number> }
}

export const contestants: readonly BulkContestant[] = [
  {
    name: 'Kysely: multi-row insert',
    kind: 'by hand',
    transaction: 'batch',
    note: '1,000 rows each: insert … values … on conflict do nothing returning; select of the rest',
    open(url) {
      const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: openPool(url, 10) }) })
      return {
        async run(list, take) {
          for (const chunk of chunksOf(list, 1000)) await insertOrFind(db, chunk, take)
        },
        close: () => db.destroy(),
      }
    },
  },
]

async function insertOrFind(db: Kysely<Database>, chunk: readonly NewItem[], take: Take): Promise<void> {
  const inserted = await db
    .insertInto('item')
    .values([...chunk])
    .onConflict((conflict) => conflict.columns(['owner', 'kind']).doNothing())
    .returningAll()
    .execute()
  const made = new Set(inserted.map(nameOf))
  for (const row of inserted) take(row, true)
  const rest = chunk.filter((item) => !made.has(nameOf(item)))
  if (rest.length === 0) return
  const found = await db
    .selectFrom('item')
    .selectAll()
    .where((where) =>
      where(
        where.refTuple('owner', 'kind'),
        'in',
        rest.map(({ owner, kind }) => where.tuple(owner, kind)),
      ),
    )
    .execute()
  for (const row of found) take(row, false)
}

function nameOf({ owner, kind }: Pick<Item, 'owner' | 'kind'>): string {
  return `${owner} ${kind}`
}
