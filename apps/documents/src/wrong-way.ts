import { randomUUID } from 'node:crypto'

import { getOrCreate, isOnerowError, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'

// The wrong way, kept to be seen failing: a check in application code, and a table whose database enforces nothing.

interface NaiveDocument {
  readonly userId: string
  readonly documentType: string
  readonly fileName: string
}

/** What came of many callers, each with "give me this user's PAN card; create it if there is none". */
export interface WrongWayResult {
  readonly callers: number
  /** How many were told that they made the card. */
  readonly created: number
  /** How many PAN cards the user has now. */
  readonly cards: number
  /** What every later call ends in. */
  readonly laterCall: string
  /** What onerow says of the same call on the same table. */
  readonly onerow: string
}

/**
 * Runs the callers in the one order that does the harm, so that it is done at every run: all have checked before
 * the first inserts.
 */
export async function runWrongWay(pool: Pool, callers = 64): Promise<WrongWayResult> {
  const card = { userId: randomUUID(), documentType: 'PAN_CARD', fileName: 'pan.pdf' }
  const barrier = barrierFor(callers)
  try {
    const results = await Promise.all(
      Array.from({ length: callers }, () =>
        naiveGetOrCreate(pool, card, barrier.arrive).catch((error: unknown) => barrier.breakWith(error)),
      ),
    )
    return {
      callers,
      created: results.filter(({ created }) => created).length,
      cards: await countCards(pool, card),
      laterCall: await messageOf(naiveGetOrCreate(pool, card, barrier.arrive)),
      onerow: await messageOf(withOnerow(pool, card)),
    }
  } finally {
    await pool.query('delete from wrong_way.naive_document where user_id = $1', [card.userId])
  }
}

/** Reads, then writes. No unique index stands behind the lookup. */
async function naiveGetOrCreate(
  pool: Pool,
  card: NaiveDocument,
  checked: () => Promise<void>,
): Promise<{ readonly created: boolean }> {
  const cards = await countCards(pool, card)
  if (cards > 1) throw new Error(`get() returned more than one Document -- it returned ${cards}!`)
  if (cards === 1) return { created: false }
  await save(pool, card, checked)
  return { created: true }
}

async function save(pool: Pool, card: NaiveDocument, checked: () => Promise<void>): Promise<void> {
  if ((await countCards(pool, card)) > 0) throw new Error('Not allowed: this user already has a PAN card.')
  await checked()
  await pool.query(
    'insert into wrong_way.naive_document (user_id, document_type, file_name) values ($1, $2, $3)',
    [card.userId, card.documentType, card.fileName],
  )
}

async function countCards(pool: Pool, { userId, documentType }: NaiveDocument): Promise<number> {
  const { rows } = await pool.query<{ readonly cards: number }>(
    `
select count(*)::integer as cards
from wrong_way.naive_document
where user_id = $1 and document_type = $2`,
    [userId, documentType],
  )
  return rows[0]?.cards ?? 0
}

const unenforced = uniqueKey(
  table<NaiveDocument>('naive_document', {
    schema: 'wrong_way',
    columns: { userId: 'user_id', documentType: 'document_type', fileName: 'file_name' },
  }),
  ['userId', 'documentType'],
  { name: 'unique_user_document_type' },
)

function withOnerow(pool: Pool, { userId, documentType, fileName }: NaiveDocument): Promise<unknown> {
  return getOrCreate(fromPg(pool), unenforced, { where: { userId, documentType }, create: { fileName } })
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'no error'
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return isOnerowError(error) ? `${error.kind}: ${error.message}` : error.message
  }
}

interface Barrier {
  /** Resolves when all have arrived. */
  readonly arrive: () => Promise<void>
  /** Lets those who wait fail too, as one will never arrive. */
  readonly breakWith: (error: unknown) => never
}

function barrierFor(size: number): Barrier {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => {})
  let missing = size
  return {
    arrive() {
      missing -= 1
      if (missing === 0) resolve()
      return promise
    },
    breakWith(error) {
      reject(error)
      throw error
    },
  }
}
