import { Kysely, PostgresDialect } from 'kysely'
import type { Generated } from 'kysely'
import { getOrCreate, uniqueKey } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'
import { findOrInsert, hitsOnly } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import { openPool } from './open-pool.ts'

interface Database {
  item: Omit<Item, 'id'> & { readonly id: Generated<number> }
}

export const contestants: readonly NodeContestant[] = [
  {
    name: 'Kysely: select',
    kind: 'limit',
    safe: false,
    workloads: hitsOnly,
    open: onKysely((db) => (owner, kind) => find(db, owner, kind).executeTakeFirstOrThrow()),
  },
  {
    name: 'Kysely: select and onConflict doNothing',
    kind: 'by hand',
    safe: true,
    open: onKysely((db) =>
      findOrInsert(
        (...key) => find(db, ...key).executeTakeFirst(),
        (owner, kind, label) =>
          db
            .insertInto('item')
            .values({ owner, kind, label })
            .onConflict((conflict) => conflict.columns(['owner', 'kind']).doNothing())
            .returningAll()
            .executeTakeFirst(),
      ),
    ),
  },
  {
    name: 'Kysely: onerow',
    kind: 'onerow',
    safe: true,
    open: onKysely((kysely) => {
      const db = fromKysely(kysely)
      const items = kyselyTable(kysely.insertInto('item'), ['id', 'owner', 'kind', 'label'], {
        primaryKey: ['id'],
      })
      const itemKey = uniqueKey(items, ['owner', 'kind'], { name: 'item_owner_kind' })
      return async (owner, kind, label) =>
        (await getOrCreate(db, itemKey, { where: { owner, kind }, create: { label } })).row
    }),
  },
]

function find(db: Kysely<Database>, owner: number, kind: string) {
  return db.selectFrom('item').selectAll().where('owner', '=', owner).where('kind', '=', kind)
}

function onKysely(call: (db: Kysely<Database>) => GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: openPool(url, connections) }) })
    return { getOrCreate: call(db), close: () => db.destroy() }
  }
}
