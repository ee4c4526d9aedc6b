import { getOrCreate, transaction } from 'onerow'
import type { Database, IsolationLevel } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'
import type { Answer, Call } from '../stage/call-at-once.ts'
import { createAfter } from '../stage/interleave.ts'
import type { Gate } from '../stage/interleave.ts'
import { curedGetOrCreate, curedWithSavepoint } from './cured-get-or-create.ts'
import { solutionKey } from './keys.ts'
import { naive, runRace } from './race.ts'
import type { RaceResult } from './race.ts'
import { defaultName, solution, userId } from './tables.ts'
import type { StoryTable } from './tables.ts'

export const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const

/** A way to make the story's call inside a transaction. */
interface Contender {
  readonly name: string
  readonly table: StoryTable
  readonly callAt: (isolation: IsolationLevel) => Call
}

const contenders: readonly Contender[] = [
  {
    name: 'naive, no constraint',
    table: naive.table,
    callAt: (isolation) => inTransaction(isolation, naive.call),
  },
  {
    name: 'constraint; if refused, read again',
    table: solution,
    callAt: (isolation) =>
      inTransaction(isolation, (client, gate) => curedGetOrCreate(client, solution, gate)),
  },
  {
    name: 'the same with a savepoint',
    table: solution,
    callAt: (isolation) =>
      inTransaction(isolation, (client, gate) => curedWithSavepoint(client, solution, gate)),
  },
  {
    name: 'onerow',
    table: solution,
    callAt: (isolation) =>
      inTransaction(isolation, (client, gate) => getOrCreateSolution(fromPg(client), gate)),
  },
  {
    name: 'onerow in transaction(db, work)',
    table: solution,
    callAt: (isolation) => (client, gate) =>
      transaction(fromPg(client), (tx) => getOrCreateSolution(tx, gate), { isolation }),
  },
]

export interface TransactionResult {
  readonly name: string
  readonly isolation: IsolationLevel
  readonly result: RaceResult
}

/** The story's open question, measured: ten callers, each in a transaction, at each isolation level. */
export async function raceInTransactions(pool: Pool): Promise<readonly TransactionResult[]> {
  const results: TransactionResult[] = []
  for (const { name, table, callAt } of contenders) {
    for (const isolation of isolationLevels)
      results.push({ name, isolation, result: await runRace(pool, { table, call: callAt(isolation) }) })
  }
  return results
}

function getOrCreateSolution(db: Database, gate: Gate): Promise<Answer> {
  return getOrCreate(db, solutionKey, { where: { userId }, create: createAfter(gate, { name: defaultName }) })
}

/** A transaction as people write it: what fails is rolled back and not tried again. */
function inTransaction(isolation: IsolationLevel, call: Call): Call {
  return async (client, gate) => {
    await client.query(`begin isolation level ${isolation}`)
    try {
      const answer = await call(client, gate)
      await client.query('commit')
      return answer
    } catch (error) {
      await client.query('rollback')
      throw error
    }
  }
}
