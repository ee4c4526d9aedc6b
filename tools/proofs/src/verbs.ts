import { createUnique, getOrCreate, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { RefusedError } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Run } from './engine.ts'
import { raceSql, userId } from './race.ts'
import type { Race, RaceKey, Table } from './race.ts'

/** Where code by hand has found the row. */
export interface Finding {
  readonly run: Run
  readonly table: Table
  readonly found: Pick<Race, 'id' | 'visits'>
  readonly caller: string
}

export interface Verb {
  readonly name: string
  /** What a call that succeeds leaves in a row that is there: a count that grows, the caller's name, nothing. */
  readonly leaves: 'a count' | 'a name' | 'nothing'
  readonly call: (db: Database, key: RaceKey, caller: string) => Promise<Answer>
  /** What code by hand does with a row that it has found. */
  readonly whenFound: (finding: Finding) => Promise<Answer>
}

const where = { userId }
const newRow = (name: string) => ({ name, visits: 1 })

const found = async ({ found: { id, visits } }: Finding): Promise<Answer> => ({ word: 'found', id, visits })

const verbOf = (leaves: Verb['leaves'], verb: Omit<Verb, 'leaves'>): Verb => ({ leaves, ...verb })

export const verbs: readonly Verb[] = [
  verbOf('nothing', {
    name: 'getOrCreate',
    call: async (db, key, caller) => {
      const { row, created } = await getOrCreate(db, key, { where, create: newRow(caller) })
      return { word: created ? 'created' : 'found', ...row }
    },
    whenFound: found,
  }),
  verbOf('nothing', {
    name: 'getOrCreate, `create` a function',
    call: async (db, key, caller) => {
      const { row, created } = await getOrCreate(db, key, { where, create: () => newRow(caller) })
      return { word: created ? 'created' : 'found', ...row }
    },
    whenFound: found,
  }),
  verbOf('a name', {
    name: 'updateOrCreate, values',
    call: async (db, key, caller) => {
      const values = { where, update: { name: caller }, create: { visits: 1 } }
      const { row, outcome } = await updateOrCreate(db, key, values)
      return { word: outcome, ...row }
    },
    whenFound: async ({ run, table, found: { id, visits }, caller }) => {
      await run(raceSql.setName(table, id, caller))
      return { word: 'updated', id, visits }
    },
  }),
  verbOf('a count', {
    name: 'updateOrCreate, a function that counts',
    call: async (db, key, caller) => {
      const { row, outcome } = await updateOrCreate(db, key, {
        where,
        update: ({ visits }) => ({ visits: visits + 1 }),
        create: newRow(caller),
      })
      return { word: outcome, ...row }
    },
    whenFound: async ({ run, table, found: { id, visits } }) => {
      await run(raceSql.setVisits(table, id, visits + 1))
      return { word: 'updated', id, visits: visits + 1 }
    },
  }),
  verbOf('nothing', {
    name: 'createUnique',
    call: async (db, key, caller) => {
      const row = await createUnique(db, key, { where, create: newRow(caller) })
      return { word: 'created', ...row }
    },
    whenFound: () => Promise.reject(new RefusedError('already-exists')),
  }),
]
