import { getOrCreate, getOrCreateMany, updateOrCreateMany } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import { itemKey } from '../../contestants/item-key.ts'
import { openPool } from '../../contestants/open-pool.ts'
import type { BulkContestant, Take } from '../bulk-contestant.ts'
import type { NewItem } from '../item-list.ts'
import { callEach } from '../call-each.ts'

export const contestants: readonly BulkContestant[] = [
  {
    name: 'onerow: array',
    kind: 'onerow',
    transaction: 'list',
    note: 'getOrCreateMany of an array',
    open: onPool(async (pool, list, take) => {
      const results = await getOrCreateMany(fromPg(pool), itemKey, Array.from(list, wanted))
      for (const { row, created } of results) take(row, created)
    }),
  },
  stream('onerow: stream', {}),
  stream('onerow: stream, batch: 1000', { batch: 1000 }),
  stream('onerow: stream, batch: 5000', { batch: 5000 }),
  stream('onerow: stream, parallel: 1', { parallel: 1 }),
  stream('onerow: stream, parallel: 2', { parallel: 2 }),
  stream('onerow: stream, parallel: 8', { parallel: 8 }),
  {
    name: 'onerow: updateOrCreateMany',
    kind: 'onerow',
    transaction: 'list',
    updates: true,
    note: 'of an array',
    open: onPool(async (pool, list, take) => {
      const calls = Array.from(list, ({ owner, kind, label }) => ({
        where: { owner, kind },
        update: { label },
      }))
      const results = await updateOrCreateMany(fromPg(pool), itemKey, calls)
      for (const { row, created } of results) take(row, created)
    }),
  },
  {
    name: 'onerow: single calls, 64 at a time',
    kind: 'onerow',
    transaction: 'call',
    first: 10_000,
    open: onPool((pool, list, take) => callEach(list, 64, (item) => single(pool, item, take))),
  },
  {
    name: 'onerow: single calls',
    kind: 'onerow',
    transaction: 'call',
    first: 10_000,
    open: onPool((pool, list, take) => callEach(list, 1, (item) => single(pool, item, take))),
  },
]

/** With more in a batch, or more of them at once, than onerow does unless told. */
function stream(
  name: string,
  options: { readonly batch?: number; readonly parallel?: number },
): BulkContestant {
  const isDefault = Object.keys(options).length === 0
  return {
    name,
    kind: 'onerow',
    transaction: 'batch',
    ...(isDefault
      ? { note: 'getOrCreateMany of a generator; batch: 250, parallel: 4' }
      : { longest: 100_000 }),
    open: onPool(async (pool, list, take) => {
      for await (const { row, created } of getOrCreateMany(fromPg(pool), itemKey, calls(list), options))
        take(row, created)
    }),
  }
}

function* calls(list: Iterable<NewItem>) {
  for (const item of list) yield wanted(item)
}

function wanted({ owner, kind, label }: NewItem) {
  return { where: { owner, kind }, create: { label } }
}

async function single(pool: Pool, item: NewItem, take: Take): Promise<void> {
  const { row, created } = await getOrCreate(fromPg(pool), itemKey, wanted(item))
  take(row, created)
}

function onPool(
  run: (pool: Pool, list: Iterable<NewItem>, take: Take) => Promise<void>,
): BulkContestant['open'] {
  return (url) => {
    const pool = openPool(url, 10)
    return { run: (list, take) => run(pool, list, take), close: () => pool.end() }
  }
}
