import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client, Query } from 'pg'
import { from } from 'pg-copy-streams'
import type { Item } from '../../item-table.ts'
import type { BulkContestant, OpenBulk } from '../bulk-contestant.ts'
import type { NewItem } from '../item-list.ts'

/** Of a few ways that were tried the fastest. Each of the three steps has a part in that: statistics, no conflicts, key order. */
const insertMissing = `insert into item (owner, kind, label)
select owner, kind, label
from incoming
where not exists (select from item where item.owner = incoming.owner and item.kind = incoming.kind)
order by owner, kind
on conflict (owner, kind) do nothing`

/** Those that are new are of this very transaction. */
const readBack = `select item.id, owner, kind, item.label, item.xmin = pg_current_xact_id()::xid as created
from incoming join item using (owner, kind)`

const insertOrUpdate = `insert into item (owner, kind, label)
select owner, kind, label
from incoming
order by owner, kind
on conflict (owner, kind) do update set label = excluded.label
returning id, owner, kind, label, old.id is null as created`

/** As it is written without a thought of its plan. */
const insertAny = `insert into item (owner, kind, label)
select owner, kind, label
from incoming
on conflict (owner, kind) do nothing`

export const contestants: readonly BulkContestant[] = [
  {
    name: 'COPY, INSERT, read back',
    kind: 'limit',
    transaction: 'list',
    note: 'COPY into a temporary table, ANALYZE, INSERT … SELECT … ON CONFLICT DO NOTHING of what is missing, one join to read back',
    open: onClient(['analyze incoming', insertMissing, readBack]),
  },
  {
    name: 'COPY, INSERT, read back, plainly',
    kind: 'by hand',
    transaction: 'list',
    note: 'the same without ANALYZE, without looking what is missing, and in the order of the list',
    open: onClient([insertAny, readBack]),
  },
  {
    name: 'COPY, INSERT or update',
    kind: 'limit',
    transaction: 'list',
    updates: true,
    note: 'COPY into a temporary table, ANALYZE, INSERT … SELECT … ON CONFLICT DO UPDATE RETURNING',
    open: onClient(['analyze incoming', insertOrUpdate]),
  },
]

function onClient(statements: readonly string[]): BulkContestant['open'] {
  return (url) => {
    const client = new Client({ connectionString: url })
    const connected = client.connect()
    const run: OpenBulk['run'] = async (list, take) => {
      await connected
      await client.query('begin')
      await client.query(
        'create temporary table incoming (owner integer not null, kind text not null, label text not null) on commit drop',
      )
      await pipeline(Readable.from(chunksOf(list)), client.query(from('copy incoming from stdin')))
      for (const text of statements) await readRows(client, text, take)
      await client.query('commit')
    }
    return { run, close: () => client.end() }
  }
}

/** Passes each row on, as pg reads it: the rows are not all in memory. */
function readRows(client: Client, text: string, take: (row: Item, created: boolean) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = client.query(new Query<Item & { readonly created: boolean }>(text))
    query.on('row', (row) => take(row, row.created))
    query.on('end', () => resolve())
    query.on('error', reject)
  })
}

/** COPY's text format, 64 KiB at a time. None of the values has a sign that would have to be escaped. */
function* chunksOf(list: Iterable<NewItem>): Generator<string> {
  let chunk = ''
  for (const { owner, kind, label } of list) {
    chunk += `${owner}\t${kind}\t${label}\n`
    if (chunk.length < 65_536) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
