import type { Answer } from '../stage/call-at-once.ts'
import { get } from '../stage/get.ts'
import type { Queryable, Row } from '../stage/get.ts'
import { openGate } from '../stage/interleave.ts'
import type { Gate } from '../stage/interleave.ts'
import { isUniqueViolation } from '../stage/is-unique-violation.ts'
import { RefusedError } from '../stage/refused-error.ts'
import { create } from './naive-get-or-create.ts'
import type { StoryTable } from './tables.ts'

/** The story's cure: the database refuses the loser's insert, and the loser reads again. Needs a unique constraint. */
export async function curedGetOrCreate(
  client: Queryable,
  table: StoryTable,
  gate: Gate = openGate,
): Promise<Answer> {
  const found = await get(client, table)
  if (found) return { row: found, created: false }
  await gate()
  try {
    return { row: await create(client, table), created: true }
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return { row: await readAgain(client, table), created: false }
  }
}

/** The same for use inside a transaction: the savepoint keeps it usable after the refusal. */
export async function curedWithSavepoint(
  client: Queryable,
  table: StoryTable,
  gate: Gate = openGate,
): Promise<Answer> {
  const found = await get(client, table)
  if (found) return { row: found, created: false }
  await gate()
  await client.query('savepoint before_insert')
  try {
    return { row: await create(client, table), created: true }
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    await client.query('rollback to savepoint before_insert')
    return { row: await readAgain(client, table), created: false }
  }
}

/** REPEATABLE READ keeps to the snapshot of the first read, in which the winner's row does not exist. */
async function readAgain(client: Queryable, table: StoryTable): Promise<Row> {
  const found = await get(client, table)
  if (!found) throw new RefusedError('invisible row')
  return found
}
