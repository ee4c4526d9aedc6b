import { createUnique, getOrCreate, isOnerowError, transaction, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import type { ItemKey } from '../../src/conformance/items.ts'

/** A kind that occurs in no other bytes on the wire. */
export const kind = 'looked-up-5c1d'

const create = { label: 'ours' }

/** A way to make the row of an owner. */
export interface Verb {
  readonly name: string
  /** It runs in a transaction that begins and commits by statements of their own. */
  readonly begins: boolean
  readonly call: (db: Database, key: ItemKey, owner: number) => Promise<{ readonly created: boolean }>
}

export const verbs: readonly Verb[] = [
  {
    name: 'getOrCreate',
    begins: false,
    call: (db, key, owner) => getOrCreate(db, key, { where: { owner, kind }, create }),
  },
  {
    name: 'getOrCreate, a function in create',
    begins: false,
    call: (db, key, owner) => getOrCreate(db, key, { where: { owner, kind }, create: async () => create }),
  },
  {
    name: 'createUnique',
    begins: false,
    call: async (db, key, owner) => {
      try {
        await createUnique(db, key, { where: { owner, kind }, create })
        return { created: true }
      } catch (error) {
        if (isOnerowError(error) && error.kind === 'already-exists') return { created: false }
        throw error
      }
    },
  },
  {
    name: 'updateOrCreate',
    begins: false,
    call: (db, key, owner) =>
      updateOrCreate(db, key, { where: { owner, kind }, update: { note: 'n' }, create }),
  },
  {
    name: 'updateOrCreate by an async function',
    begins: true,
    call: (db, key, owner) =>
      updateOrCreate(db, key, {
        where: { owner, kind },
        update: async ({ amount }) => ({ amount: amount + 1 }),
        create,
      }),
  },
  {
    name: 'transaction',
    begins: true,
    call: (db, key, owner) =>
      transaction(db, (tx) => getOrCreate(tx, key, { where: { owner, kind }, create })),
  },
]
