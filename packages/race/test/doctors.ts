import assert from 'node:assert/strict'
import type { ExploreOptions, Sessions } from '@onerow/race'

export type Query = (text: string) => Promise<unknown>

/** Does some work on one connection. */
export type Connected = <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>

/** What an application has its connections from. */
export interface Application {
  readonly sessions: Sessions
  /** For each of two doctors: a pool for both, or a connection for each. */
  readonly connected: readonly [Connected, Connected]
  /** A transaction that names no level; unless given, `begin` and `commit`. */
  readonly transaction?: Connected
  readonly end: () => Promise<unknown>
}

function begun(connected: Connected): Connected {
  return (work) =>
    connected(async (query) => {
      await query('begin')
      try {
        const result = await work(query)
        await query('commit')
        return result
      } catch (error) {
        await query('rollback')
        throw error
      }
    })
}

/** There are two doctors, one of whom must stay on call; each goes if the other is there: write skew. */
const leave = (doctor: number) => async (query: Query) => {
  const others = await query(`select id from doctor where on_call = 1 and id <> ${doctor}`)
  if (Array.isArray(others) && others.length > 0)
    await query(`update doctor set on_call = 0 where id = ${doctor}`)
}

export function raceOf({
  sessions,
  connected: [first, second],
  transaction,
}: Omit<Application, 'end'>): ExploreOptions {
  return {
    sessions,
    setup: () => first((query) => query('update doctor set on_call = 1')),
    actors: {
      alice: () => (transaction ?? begun(first))(leave(1)),
      bob: () => (transaction ?? begun(second))(leave(2)),
    },
    async invariant({ steps }) {
      const own = steps.filter(({ text }) => !/^(begin|select|update|commit|rollback)/.test(text))
      assert.deepEqual(own, [], 'what the gates send is no step')
      const onCall = await first((query) => query('select id from doctor where on_call = 1'))
      return Array.isArray(onCall) && onCall.length > 0
    },
  }
}

/** Of a pool. */
export function lent<Connection extends { release(): unknown }>(
  take: () => Promise<Connection>,
  on: (connection: Connection) => Query,
): Connected {
  return async (work) => {
    const connection = await take()
    try {
      return await work(on(connection))
    } finally {
      await connection.release()
    }
  }
}

/** What makes their table. */
export const doctors = [
  'create table doctor (id integer primary key, on_call integer)',
  'insert into doctor values (1, 1), (2, 1)',
]
