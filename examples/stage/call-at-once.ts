import { isOnerowError } from 'onerow'
import { DatabaseError } from 'pg'
import type { Pool, PoolClient } from 'pg'
import type { Row } from './get.ts'
import { interleave } from './interleave.ts'
import type { Gate } from './interleave.ts'
import { RefusedError } from './refused-error.ts'

/** What a get-or-create answers. */
export interface Answer {
  readonly row: Row
  readonly created: boolean
}

/** A way to make the call, on a connection of the caller's own. */
export type Call = (client: PoolClient, gate: Gate) => Promise<Answer>

export interface CallsAtOnce {
  /** How many callers had read, and found nothing, before the first of them wrote. */
  readonly met: number
  /** How many callers were told what: `created`, `found`, or an error's {@link wordOf}. */
  readonly told: Readonly<Record<string, number>>
  /** How many different rows they were given. */
  readonly given: number
}

/** Makes the same call on several connections at once; none writes before all have read. */
export async function callAtOnce(pool: Pool, callers: number, call: Call): Promise<CallsAtOnce> {
  const clients = await Promise.all(Array.from({ length: callers }, () => pool.connect()))
  try {
    const { results, met } = await interleave(clients.map((client) => (gate) => call(client, gate)))
    const told: Record<string, number> = {}
    const given = new Set<number>()
    for (const result of results) {
      const word = result.status === 'rejected' ? wordOf(result.reason) : answerWord(result.value)
      told[word] = (told[word] ?? 0) + 1
      if (result.status === 'fulfilled') given.add(result.value.row.id)
    }
    return { met, told, given: given.size }
  } finally {
    for (const client of clients) client.release()
  }
}

function answerWord({ created }: Answer): string {
  return created ? 'created' : 'found'
}

/** An expected error in a word: onerow's `kind`, PostgreSQL's SQLSTATE, or what the story's own code says. */
function wordOf(error: unknown): string {
  if (isOnerowError(error)) return error.kind
  if (error instanceof DatabaseError && error.code !== undefined) return error.code
  if (error instanceof RefusedError) return error.message
  throw error
}
