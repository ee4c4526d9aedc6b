import { createUnique, getOrCreate, isOnerowError, updateOrCreate } from 'onerow'
import type { Database, OnerowError } from 'onerow'
import { errorCode } from './error-code.ts'
import { raceKey, userId } from './race.ts'
import type { Race } from './race.ts'

/** What a call said. */
export interface Outcome {
  readonly word: 'created' | 'found' | 'updated' | 'unchanged' | OnerowError['kind'] | `error ${string}`
  /** The row that it gave, or that stands in the way of `createUnique`. */
  readonly row?: Race
  /** The error that leaves the caller without an answer. */
  readonly failure?: unknown
}

export interface Verb {
  readonly name: string
  /** Gives the values as functions: onerow then sends its read and its write apart, on every engine. */
  call(db: Database, lazily: boolean): Promise<Outcome>
}

const where = { userId }
const create = { name: 'ours' }

export const verbs: readonly Verb[] = [
  {
    name: 'getOrCreate',
    async call(db, lazily) {
      const { row, created } = await getOrCreate(db, raceKey, {
        where,
        create: lazily ? () => create : create,
      })
      return { word: created ? 'created' : 'found', row }
    },
  },
  {
    name: 'createUnique',
    async call(db, lazily) {
      const row = await createUnique(db, raceKey, { where, create: lazily ? () => create : create })
      return { word: 'created', row }
    },
  },
  {
    name: 'updateOrCreate, values',
    async call(db, lazily) {
      const name = lazily ? () => 'ours' : 'ours'
      const { row, outcome } = await updateOrCreate(db, raceKey, { where, update: { name }, create: {} })
      return { word: outcome, row }
    },
  },
  {
    name: 'updateOrCreate, function',
    async call(db) {
      const { row, outcome } = await updateOrCreate(db, raceKey, {
        where,
        update: ({ visits }) => ({ visits: visits + 1 }),
        create,
      })
      return { word: outcome, row }
    },
  },
]

/** What a call said, its errors included. */
export async function outcomeOf(call: Promise<Outcome>): Promise<Outcome> {
  try {
    return await call
  } catch (error) {
    if (!isOnerowError(error)) return { word: `error ${errorCode(error)}`, failure: error }
    // The row is one of `raceKey`, the only key there is.
    if (error.kind === 'already-exists') return { word: error.kind, row: error.row as Race }
    return { word: error.kind, failure: error }
  }
}
