import DataLoader from 'dataloader'
import type { Pool } from 'pg'
import type { NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import { openPool } from './open-pool.ts'
import { rows } from './pg.ts'

type NewItem = Omit<Item, 'id'>

const selectAll = {
  name: 'select_items',
  text: `select item.id, item.owner, item.kind, item.label
from unnest($1::integer[], $2::text[]) as wanted (owner, kind)
join item using (owner, kind)`,
}

/** In one order for everybody: of two lists with the same keys, neither waits for the other's. */
const insertAllUnlessThere = {
  name: 'insert_items_unless_there',
  text: `insert into item (owner, kind, label)
select owner, kind, label
from unnest($1::integer[], $2::text[], $3::text[]) as wanted (owner, kind, label)
order by owner, kind
on conflict (owner, kind) do nothing
returning id, owner, kind, label`,
}

export const contestants: readonly NodeContestant[] = [
  {
    name: 'DataLoader on pg: lists by hand',
    kind: 'by hand',
    safe: true,
    main: true,
    note: 'the calls of one turn of the event loop as one list. Its error is that of all of them; it matches keys in JavaScript',
    async open(url, connections) {
      const pool = openPool(url, connections)
      // Without its cache, which would give what the database had a while ago.
      const loader = new DataLoader((items: readonly NewItem[]) => findOrInsertAll(pool, items), {
        cache: false,
        maxBatchSize: 256,
      })
      return {
        getOrCreate: (owner, kind, label) => loader.load({ owner, kind, label }),
        close: () => pool.end(),
      }
    },
  },
]

async function findOrInsertAll(pool: Pool, items: readonly NewItem[]): Promise<readonly Item[]> {
  const found = new Map<string, Item>()
  const keep = (some: readonly Item[]): void => {
    for (const item of some) found.set(keyOf(item), item)
  }
  for (;;) {
    const looked = items.filter((item) => !found.has(keyOf(item)))
    keep(await rows(pool, selectAll, columns(looked).slice(0, 2)))
    const missing = looked.filter((item) => !found.has(keyOf(item)))
    if (missing.length > 0) keep(await rows(pool, insertAllUnlessThere, columns(missing)))
    const answers = items.flatMap((item) => found.get(keyOf(item)) ?? [])
    if (answers.length === items.length) return answers
  }
}

function columns(items: readonly NewItem[]): unknown[] {
  return [items.map(({ owner }) => owner), items.map(({ kind }) => kind), items.map(({ label }) => label)]
}

function keyOf({ owner, kind }: NewItem): string {
  return `${owner} ${kind}`
}
