import { getOrCreate } from 'onerow'
import { fromPostgresJs } from 'onerow/postgres-js'
import postgres from 'postgres'
import type { Sql } from 'postgres'
import { findOrInsert, hitsOnly, missesOnly, only } from '../contestant.ts'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'
import type { Item } from '../item-table.ts'
import { itemKey } from './item-key.ts'

export const contestants: readonly NodeContestant[] = [
  {
    name: 'postgres.js: SELECT',
    kind: 'limit',
    safe: false,
    workloads: hitsOnly,
    note: 'sends on a connection before it has answered what was sent before',
    open: onSql((sql) => async (owner, kind) => only(await select(sql, owner, kind))),
  },
  {
    name: 'postgres.js: INSERT',
    kind: 'limit',
    safe: false,
    workloads: missesOnly,
    open: onSql(
      (sql) => async (owner, kind, label) =>
        only(
          await sql<Item[]>`
            insert into item (owner, kind, label) values (${owner}, ${kind}, ${label})
            returning id, owner, kind, label`,
        ),
    ),
  },
  {
    name: 'postgres.js: careful loop',
    kind: 'by hand',
    safe: true,
    note: 'as on pg',
    open: onSql((sql) =>
      findOrInsert(
        async (owner, kind) => (await select(sql, owner, kind))[0],
        async (owner, kind, label) => {
          const rows = await sql<Item[]>`
            insert into item (owner, kind, label) values (${owner}, ${kind}, ${label})
            on conflict (owner, kind) do nothing
            returning id, owner, kind, label`
          return rows[0]
        },
      ),
    ),
  },
  {
    name: 'postgres.js: onerow',
    kind: 'onerow',
    safe: true,
    main: true,
    open: onSql((sql) => {
      const db = fromPostgresJs(sql)
      return async (owner, kind, label) =>
        (await getOrCreate(db, itemKey, { where: { owner, kind }, create: { label } })).row
    }),
  },
]

function select(sql: Sql, owner: number, kind: string) {
  return sql<Item[]>`select id, owner, kind, label from item where owner = ${owner} and kind = ${kind}`
}

// It prepares each text once for each connection.
function onSql(call: (sql: Sql) => GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const sql = postgres(url, { max: connections })
    return { getOrCreate: call(sql), close: () => sql.end() }
  }
}
