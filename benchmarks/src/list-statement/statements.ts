import { getOrCreateMany } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Client } from 'pg'
import { itemKey } from '../contestants/item-key.ts'
import type { ItemKey } from '../item-table.ts'

/** How many of a list's rows are there already. */
export type Share = 'all there' | 'half there' | 'none there'

export const shares: readonly Share[] = ['all there', 'half there', 'none there']

/** A statement for a list, and what of a list's work it does. */
export interface ListStatement {
  readonly name: string
  readonly text: string
  /** For which lists it does what it says. */
  readonly shares: readonly Share[]
}

const columns = 'id, owner, kind, label'
const list =
  'unnest($1::integer[], $2::text[], $3::text[]) with ordinality as incoming (owner, kind, label, number)'
const sameKey = 'item.owner = incoming.owner and item.kind = incoming.kind'
const insert = `insert into item (owner, kind, label)
select owner, kind, label
from ${list}`

/** What onerow's statement consists of, one after the other. */
const parts: readonly ListStatement[] = [
  {
    name: 'read the arrays',
    text: `select owner, kind, label from ${list}`,
    shares,
  },
  {
    name: 'find',
    text: `select item.id, item.owner, item.kind, item.label, number from ${list} join item on ${sameKey}`,
    shares,
  },
  {
    name: 'insert',
    text: `${insert}\nreturning ${columns}`,
    shares: ['none there'],
  },
  {
    name: 'insert, in the order of the key',
    text: `${insert}\norder by owner, kind\nreturning ${columns}`,
    shares: ['none there'],
  },
  {
    name: 'the same, on conflict do nothing',
    text: `${insert}\norder by owner, kind\non conflict (owner, kind) do nothing\nreturning ${columns}`,
    shares: ['none there'],
  },
  {
    name: 'the same, which tells the row of each call',
    text: `with inserted as (
${insert}
order by owner, kind
on conflict (owner, kind) do nothing
returning ${columns}
)
select item.*, number from ${list} join inserted as item on ${sameKey}`,
    shares: ['none there'],
  },
]

/** The parts, and the whole: what `getOrCreateMany` sends. */
export async function listStatements(client: Client): Promise<readonly ListStatement[]> {
  return [...parts, { name: 'onerow', text: await onerowsOwn(client), shares }]
}

/** Listens to onerow, so that this is what it sends whichever version it is. */
async function onerowsOwn(client: Client): Promise<string> {
  const db = fromPg(client)
  const sent: string[] = []
  const heard = (its: Database): Database => ({
    ...its,
    inTransaction: () => its.inTransaction(),
    execute(statement) {
      sent.push(statement.text)
      return its.execute(statement)
    },
    begin: (work, options) => its.begin((transaction) => work(heard(transaction)), options),
  })
  await getOrCreateMany(
    heard(db),
    itemKey,
    [1, 2].map((owner) => ({ where: { owner, kind: 'visa' }, create: { label: '' } })),
  )
  const statement = sent.find((text) => text.includes('unnest'))
  if (statement === undefined) throw new TypeError('getOrCreateMany has sent no list.')
  return statement
}

/** The arrays of a list. */
export function listOf(items: readonly ItemKey[], label: string): readonly unknown[] {
  return [items.map(({ owner }) => owner), items.map(({ kind }) => kind), items.map(() => label)]
}
