import type { Pool } from 'pg'
import { itemKinds, itemLabel } from '../item-table.ts'
import type { ItemKey } from '../item-table.ts'

/** What a call asks for. */
export interface NewItem extends ItemKey {
  readonly label: string
}

/** Which of a list's keys are in the table beforehand. */
export type Existing = 'none' | 'half' | 'all'

/** What the rows of the table, and the new ones, are labelled; whoever updates says this instead. */
export const newLabel = 'one more label, 32 characters too'

/** The first ones of a list of so many keys, each of them once, and scattered: a list in the order of its keys is easier. */
export function* itemList(length: number, first: number, label = itemLabel): Generator<NewItem> {
  for (let index = 0; index < first; index++) {
    // One after the other with a stride that shares no factor with the length, so that each comes once.
    const place = (index * stride) % length
    const kind = itemKinds[place % itemKinds.length] ?? itemKinds[0]
    yield { owner: 1 + Math.floor(place / itemKinds.length), kind, label }
  }
}

/** A prime above all lengths. */
const stride = 7_368_787

/** Makes the table one in which so many of a list's keys exist: all rows of every second owner for half of them. */
export async function fillItemTable(pool: Pool, length: number, existing: Existing): Promise<void> {
  await pool.query('truncate item restart identity')
  const step = { none: length + 1, half: 2, all: 1 }[existing]
  await pool.query(
    `insert into item (owner, kind, label)
     select owner, kind, $4
     from generate_series($1::integer, $2, $1) as owner, unnest($3::text[]) as kind`,
    [step, length / itemKinds.length, itemKinds, itemLabel],
  )
  await pool.query('vacuum (freeze, analyze) item')
}

/** How many of the first keys of a list then are new. */
export function newAmong(length: number, first: number, existing: Existing): number {
  if (existing !== 'half') return existing === 'none' ? first : 0
  let count = 0
  for (const { owner } of itemList(length, first)) count += owner % 2
  return count
}
