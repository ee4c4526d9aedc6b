import { and, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { getOrCreate, uniqueKey } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { findOrInsert, hitsOnly, only } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import { openPool } from './open-pool.ts'

const items = pgTable(
  'item',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    owner: integer().notNull(),
    kind: text().notNull(),
    label: text().notNull(),
  },
  (item) => [uniqueIndex('item_owner_kind').on(item.owner, item.kind)],
)
const itemKey = uniqueKey(drizzleTable(items), ['owner', 'kind'], { name: 'item_owner_kind' })

export const contestants: readonly NodeContestant[] = [
  {
    name: 'Drizzle: select',
    kind: 'limit',
    isOrm: true,
    safe: false,
    workloads: hitsOnly,
    open: onDrizzle(
      (db) => async (owner, kind) =>
        only(
          await db
            .select()
            .from(items)
            .where(and(eq(items.owner, owner), eq(items.kind, kind)))
            .limit(1),
        ),
    ),
  },
  {
    name: 'Drizzle: prepared select',
    kind: 'limit',
    isOrm: true,
    safe: false,
    workloads: hitsOnly,
    open: onDrizzle((db) => {
      const find = preparedFind(db)
      return async (owner, kind) => only(await find.execute({ owner, kind }))
    }),
  },
  {
    name: 'Drizzle: prepared select and onConflictDoNothing',
    kind: 'by hand',
    isOrm: true,
    safe: true,
    main: true,
    open: onDrizzle((db) => {
      const find = preparedFind(db)
      const insert = db
        .insert(items)
        .values({
          owner: sql.placeholder('owner'),
          kind: sql.placeholder('kind'),
          label: sql.placeholder('label'),
        })
        .onConflictDoNothing({ target: [items.owner, items.kind] })
        .returning()
        .prepare('insert_item')
      return findOrInsert(
        async (owner, kind) => (await find.execute({ owner, kind }))[0],
        async (owner, kind, label) => (await insert.execute({ owner, kind, label }))[0],
      )
    }),
  },
  {
    name: 'Drizzle: onerow',
    kind: 'onerow',
    isOrm: true,
    safe: true,
    open: onDrizzle((drizzled) => {
      const db = fromDrizzle(drizzled)
      return async (owner, kind, label) =>
        (await getOrCreate(db, itemKey, { where: { owner, kind }, create: { label } })).row
    }),
  },
]

function preparedFind(db: NodePgDatabase) {
  return db
    .select()
    .from(items)
    .where(and(eq(items.owner, sql.placeholder('owner')), eq(items.kind, sql.placeholder('kind'))))
    .limit(1)
    .prepare('select_item')
}

function onDrizzle(call: (db: NodePgDatabase) => GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const pool = openPool(url, connections)
    return { getOrCreate: call(drizzle(pool)), close: () => pool.end() }
  }
}
