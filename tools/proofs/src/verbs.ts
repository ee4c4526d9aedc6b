import { createUnique, getOrCreate, getOrCreateMany, updateOrCreate, updateOrCreateMany } from 'onerow'
import type { Database, GetOrCreateResult, UpdateOrCreateResult } from 'onerow'
import { RefusedError } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Run } from './engine.ts'
import { listedUsers, raceSql, userId } from './race.ts'
import type { Race, RaceKey, Table } from './race.ts'
import type { Streak } from './streak.ts'

/** Who calls. */
export interface Caller {
  readonly name: string
  /** Whose rows it asks for, in this order. */
  readonly users: readonly number[]
}

/** A row that code by hand has found. */
export interface FoundRow {
  readonly run: Run
  readonly table: Table
  readonly row: Pick<Race, 'id' | 'visits'>
  readonly caller: string
}

export interface Verb {
  readonly name: string
  /** Whose rows a call is about. */
  readonly users: readonly number[]
  /** What a call that succeeds leaves in a row that is there: a count that grows, the caller's name, nothing. */
  readonly leaves: 'a count' | 'a name' | 'nothing'
  /** After which streaks it sends other statements. */
  readonly streaks: readonly Streak[]
  readonly call: (db: Database, key: RaceKey, caller: Caller) => Promise<readonly Answer[]>
  /** What code by hand does with a row that it has found; undefined where there is nothing else to write by hand. */
  readonly whenFound?: (found: FoundRow) => Promise<Answer>
}

const where = { userId }
const ofOne = { users: [userId], leaves: 'nothing', streaks: [] } as const
const ofTwo = { users: listedUsers, leaves: 'nothing', streaks: [] } as const
const newRow = (name: string) => ({ name, visits: 1 })

const counted = ({ visits }: Race) => ({ visits: visits + 1 })

const gotOrCreated = ({ row, created }: GetOrCreateResult<Race>): Answer => ({
  word: created ? 'created' : 'found',
  ...row,
})

const updatedOrCreated = ({ row, outcome }: UpdateOrCreateResult<Race>): Answer => ({ word: outcome, ...row })

export const verbs: readonly Verb[] = [
  {
    ...ofOne,
    name: 'getOrCreate',
    streaks: ['hits', 'misses'],
    call: async (db, key, { name }) => [
      gotOrCreated(await getOrCreate(db, key, { where, create: newRow(name) })),
    ],
    whenFound: async ({ row }) => ({ word: 'found', ...row }),
  },
  {
    ...ofOne,
    name: 'getOrCreate, `create` a function',
    streaks: ['hits'],
    call: async (db, key, { name }) => [
      gotOrCreated(await getOrCreate(db, key, { where, create: () => newRow(name) })),
    ],
  },
  {
    ...ofOne,
    name: 'updateOrCreate, values',
    leaves: 'a name',
    call: async (db, key, { name }) => {
      const values = { where, update: { name }, create: { visits: 1 } }
      return [updatedOrCreated(await updateOrCreate(db, key, values))]
    },
    whenFound: async ({ run, table, row, caller }) => {
      await run(raceSql.setName(table, row.id, caller))
      return { word: 'updated', ...row }
    },
  },
  {
    ...ofOne,
    name: 'updateOrCreate, a function that counts',
    leaves: 'a count',
    streaks: ['hits'],
    call: async (db, key, { name }) => {
      const values = { where, update: counted, create: newRow(name) }
      return [updatedOrCreated(await updateOrCreate(db, key, values))]
    },
    whenFound: async ({ run, table, row: { id, visits } }) => {
      await run(raceSql.setVisits(table, id, visits + 1))
      return { word: 'updated', id, visits: visits + 1 }
    },
  },
  {
    ...ofOne,
    // getOrCreate and a word; so it goes by streaks as that does.
    name: 'createUnique',
    call: async (db, key, { name }) => {
      const row = await createUnique(db, key, { where, create: newRow(name) })
      return [{ word: 'created', ...row }]
    },
    whenFound: () => Promise.reject(new RefusedError('already-exists')),
  },
  {
    ...ofTwo,
    name: 'getOrCreateMany',
    call: async (db, key, { name, users }) => {
      const calls = users.map((user) => ({ where: { userId: user }, create: newRow(name) }))
      const results = await getOrCreateMany(db, key, calls)
      return inOrder(users, results).map(gotOrCreated)
    },
  },
  {
    ...ofTwo,
    name: 'updateOrCreateMany, values',
    leaves: 'a name',
    call: async (db, key, { name, users }) => {
      const calls = users.map((user) => ({
        where: { userId: user },
        update: { name },
        create: { visits: 1 },
      }))
      const results = await updateOrCreateMany(db, key, calls)
      return inOrder(users, results).map(updatedOrCreated)
    },
  },
  {
    ...ofTwo,
    name: 'updateOrCreateMany, functions that count',
    leaves: 'a count',
    call: async (db, key, { name, users }) => {
      const calls = users.map((user) => ({ where: { userId: user }, update: counted, create: newRow(name) }))
      const results = await updateOrCreateMany(db, key, calls)
      return inOrder(users, results).map(updatedOrCreated)
    },
  },
]

/** @throws when a list is not answered in the order of its calls */
function inOrder<Result extends { readonly row: Race }>(
  users: readonly number[],
  results: readonly Result[],
): readonly Result[] {
  if (String(results.map(({ row }) => row.userId)) === String(users)) return results
  throw new Error('The answers are not in the order of the calls.')
}
