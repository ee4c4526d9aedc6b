import { createUnique, getOrCreate } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import { callAtOnce } from '../stage/call-at-once.ts'
import type { Call, CallsAtOnce } from '../stage/call-at-once.ts'
import { MoreThanOneRowError, get } from '../stage/get.ts'
import { createAfter } from '../stage/interleave.ts'
import { identityCard } from './documents.ts'
import { save } from './save.ts'
import { lookupOf, teamGetOrCreate } from './team-get-or-create.ts'

export { createTable, enforceKey } from './documents.ts'

/** A way to store the user's Aadhaar card. */
export interface Contender {
  readonly name: string
  readonly call: Call
}

const where = { userId: 7, documentType: 'AADHAAR_CARD' } as const
const card = { ...where, document: 'aadhaar.pdf' }

export const contenders: readonly Contender[] = [
  {
    name: 'save(), which checks first',
    call: async (client, gate) => ({ row: await save(client, card, gate), created: true }),
  },
  {
    name: "the team's get-or-create",
    call: (client, gate) => teamGetOrCreate(client, card, gate),
  },
  {
    name: 'onerow getOrCreate',
    call: (client, gate) =>
      getOrCreate(fromPg(client), identityCard, {
        where,
        create: createAfter(gate, { document: card.document }),
      }),
  },
  {
    name: 'onerow createUnique',
    call: async (client, gate) => ({
      row: await createUnique(fromPg(client), identityCard, {
        where,
        create: createAfter(gate, { document: card.document }),
      }),
      created: true,
    }),
  },
]

export interface DocumentsResult extends CallsAtOnce {
  /** How many Aadhaar cards the user has afterwards. */
  readonly cards: number
  /** What every later `get` of the card answers. */
  readonly nextGet: string
}

/** Empties the table, lets two requests store the same user's card at once, and looks. */
export async function raceDocuments(pool: Pool, { call }: Contender): Promise<DocumentsResult> {
  await pool.query('truncate document')
  const calls = await callAtOnce(pool, 2, call)
  const { select, where } = lookupOf(card)
  const { rows } = await pool.query(select, [...where])
  return { ...calls, cards: rows.length, nextGet: await getCard(pool) }
}

async function getCard(pool: Pool): Promise<string> {
  try {
    return (await get(pool, lookupOf(card))) ? 'the card' : 'nothing'
  } catch (error) {
    if (error instanceof MoreThanOneRowError) return error.message
    throw error
  }
}

/** Saves one after the other, with nobody in between: here the check in `save` does its work. */
export async function saveTwiceInTurn(pool: Pool): Promise<unknown> {
  await pool.query('truncate document')
  await save(pool, card)
  return save(pool, card).catch((error: unknown) => error)
}

/** What a form gets that stores the card a second time. */
export async function createUniqueTwice(pool: Pool): Promise<unknown> {
  await pool.query('truncate document')
  const db = fromPg(pool)
  await createUnique(db, identityCard, { where, create: { document: card.document } })
  return createUnique(db, identityCard, { where, create: { document: 'another.pdf' } }).catch(
    (error: unknown) => error,
  )
}

/** Stores two salary slips of the user, and says how many there are. */
export async function storeSalarySlips(pool: Pool): Promise<number> {
  const slip = { userId: 7, documentType: 'SALARY_SLIP' } as const
  await pool.query('truncate document')
  await save(pool, { ...slip, document: 'january.pdf' })
  await save(pool, { ...slip, document: 'february.pdf' })
  const { select, where } = lookupOf(slip)
  return (await pool.query(select, [...where])).rows.length
}
