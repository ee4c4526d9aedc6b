import type { Answer } from '../stage/call-at-once.ts'
import { get } from '../stage/get.ts'
import type { Queryable, Row } from '../stage/get.ts'
import { insert } from '../stage/insert.ts'
import { openGate } from '../stage/interleave.ts'
import type { Gate } from '../stage/interleave.ts'
import type { StoryTable } from './tables.ts'

/** What people write: a read, then a write. `gate` stands for whatever happens in between. */
export async function naiveGetOrCreate(
  client: Queryable,
  table: StoryTable,
  gate: Gate = openGate,
): Promise<Answer> {
  const found = await get(client, table)
  if (found) return { row: found, created: false }
  await gate()
  return { row: await create(client, table), created: true }
}

export function create(client: Queryable, { create, where, defaults }: StoryTable): Promise<Row> {
  return insert(client, create, [...where, ...defaults])
}
