import { getOrCreate } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import { callAtOnce } from '../stage/call-at-once.ts'
import type { Call, CallsAtOnce } from '../stage/call-at-once.ts'
import { createAfter } from '../stage/interleave.ts'
import { curedGetOrCreate } from './cured-get-or-create.ts'
import { raceKey, solutionKey, togetherKey } from './keys.ts'
import { naiveGetOrCreate } from './naive-get-or-create.ts'
import { defaultAge, defaultName, race, solution, together, userId } from './tables.ts'
import type { StoryTable } from './tables.ts'

export { createTables } from './tables.ts'

/** A way to make the story's call, and the table it is made on. */
export interface Contender {
  readonly name: string
  readonly table: StoryTable
  readonly call: Call
}

/** A read, then a write, and nothing in the database that objects. */
export const naive: Contender = {
  name: 'naive: read, then write',
  table: race,
  call: (client, gate) => naiveGetOrCreate(client, race, gate),
}

/** onerow on the same table. */
export const onerowUnenforced: Contender = {
  name: 'onerow',
  table: race,
  call: (client, gate) =>
    getOrCreate(fromPg(client), raceKey, {
      where: { userId },
      create: createAfter(gate, { name: defaultName }),
    }),
}

export const curedSolution: Contender = {
  name: 'read, write; if refused, read again',
  table: solution,
  call: (client, gate) => curedGetOrCreate(client, solution, gate),
}

export const onerowSolution: Contender = {
  name: 'onerow',
  table: solution,
  call: (client, gate) =>
    getOrCreate(fromPg(client), solutionKey, {
      where: { userId },
      create: createAfter(gate, { name: defaultName }),
    }),
}

export const curedTogether: Contender = {
  name: 'read, write; if refused, read again',
  table: together,
  call: (client, gate) => curedGetOrCreate(client, together, gate),
}

export const onerowTogether: Contender = {
  name: 'onerow',
  table: together,
  call: (client, gate) =>
    getOrCreate(fromPg(client), togetherKey, {
      where: { userId, name: defaultName },
      create: createAfter(gate, { age: defaultAge }),
    }),
}

export interface RaceResult extends CallsAtOnce {
  /** How many rows the table holds for the lookup afterwards. */
  readonly rows: number
}

/** Empties the table, lets ten callers make the call at once, and counts. */
export async function runRace(pool: Pool, { table, call }: Omit<Contender, 'name'>): Promise<RaceResult> {
  await pool.query(table.clear)
  const calls = await callAtOnce(pool, 10, call)
  const { rows } = await pool.query(table.select, [...table.where])
  return { ...calls, rows: rows.length }
}

/** The errors that one more call gets on the table that the naive race leaves behind. */
export async function callAfterNaiveRace(
  pool: Pool,
): Promise<{ readonly naive: unknown; readonly onerow: unknown }> {
  await runRace(pool, naive)
  const call = { where: { userId }, create: { name: defaultName } }
  return {
    naive: await naiveGetOrCreate(pool, race).catch((error: unknown) => error),
    onerow: await getOrCreate(fromPg(pool), raceKey, call).catch((error: unknown) => error),
  }
}
