import { getOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import { findOrInsert, hitsOnly, missesOnly, only } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import { itemKey } from './item-key.ts'
import { openPool } from './open-pool.ts'

// pg prepares what has a name, once for each connection.
export const select = {
  name: 'select_item',
  text: 'select id, owner, kind, label from item where owner = $1 and kind = $2',
}
const insert = {
  name: 'insert_item',
  text: 'insert into item (owner, kind, label) values ($1, $2, $3) returning id, owner, kind, label',
}
export const insertUnlessThere = {
  name: 'insert_item_unless_there',
  text: `insert into item (owner, kind, label) values ($1, $2, $3)
on conflict (owner, kind) do nothing
returning id, owner, kind, label`,
}

interface NamedQuery {
  readonly name: string
  readonly text: string
}

export const rows = async (pool: Pool, query: NamedQuery, values: unknown[]) =>
  (await pool.query<Item>({ ...query, values })).rows

export const contestants: readonly NodeContestant[] = [
  {
    name: 'pg: SELECT',
    kind: 'limit',
    safe: false,
    main: true,
    workloads: hitsOnly,
    open: onPool((pool) => async (owner, kind) => only(await rows(pool, select, [owner, kind]))),
  },
  {
    name: 'pg: INSERT',
    kind: 'limit',
    safe: false,
    main: true,
    workloads: missesOnly,
    open: onPool(
      (pool) =>
        async (...values) =>
          only(await rows(pool, insert, values)),
    ),
  },
  {
    name: 'pg: careful loop',
    kind: 'by hand',
    safe: true,
    main: true,
    note: 'select; insert on conflict do nothing returning; select again',
    open: onPool((pool) =>
      findOrInsert(
        async (...key) => (await rows(pool, select, key))[0],
        async (...values) => (await rows(pool, insertUnlessThere, values))[0],
      ),
    ),
  },
  {
    name: 'pg: onerow',
    kind: 'onerow',
    safe: true,
    main: true,
    open: onPool((pool) => onerowOn(fromPg(pool))),
  },
  {
    name: 'pg: onerow, coalesce: false',
    kind: 'onerow',
    safe: true,
    main: true,
    open: onPool((pool) => onerowOn(fromPg(pool, { coalesce: false }))),
  },
]

function onerowOn(db: Database): GetOrCreate {
  return async (owner, kind, label) => {
    const { row } = await getOrCreate(db, itemKey, { where: { owner, kind }, create: { label } })
    return row
  }
}

function onPool(call: (pool: Pool) => GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const pool = openPool(url, connections)
    return { getOrCreate: call(pool), close: () => pool.end() }
  }
}
