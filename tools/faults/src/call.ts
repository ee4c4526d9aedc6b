import { randomInt } from 'node:crypto'
import { getOrCreate, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { counterKey } from './counters.ts'

/** The ways to call; `increment` adds one to the amount, the others leave it. */
export const verbs = ['get', 'get lazily', 'set', 'increment'] as const

/** What a caller is about to do. */
export interface Call {
  readonly verb: (typeof verbs)[number]
  readonly owner: number
}

/** What a caller was told. */
export interface Told {
  readonly id: number
  readonly created: boolean
}

/** Makes one call. */
export async function call(db: Database, { verb, owner }: Call): Promise<Told> {
  const { row, created } = await answers[verb](db, { owner })
  return { id: row.id, created }
}

const answers = {
  get: (db: Database, where: { readonly owner: number }) =>
    getOrCreate(db, counterKey, { where, create: { amount: 0 } }),
  'get lazily': (db: Database, where: { readonly owner: number }) =>
    getOrCreate(db, counterKey, { where, create: async () => ({ amount: 0 }) }),
  set: (db: Database, where: { readonly owner: number }) =>
    updateOrCreate(db, counterKey, {
      where,
      update: { note: `set ${randomInt(10)}` },
      create: { amount: 0 },
    }),
  increment: (db: Database, where: { readonly owner: number }) =>
    updateOrCreate(db, counterKey, {
      where,
      update: async ({ amount }) => ({ amount: amount + 1 }),
      create: { amount: 1 },
    }),
}
