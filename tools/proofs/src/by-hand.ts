import { RefusedError } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Arena, Connection, Run } from './engine.ts'
import { raceSql, userId } from './race.ts'
import type { Table } from './race.ts'
import type { Verb } from './verbs.ts'

/** Code as people write it: it reads, and then it writes. */
export interface ByHand {
  readonly table: Table
  /** Whether it checks in `save()`, as in the second story. */
  readonly checks: boolean
  readonly whenFound: Verb['whenFound']
  readonly caller: string
}

/** Reads; if there is nothing, inserts. */
export async function byHand(run: Run, { table, checks, whenFound, caller }: ByHand): Promise<Answer> {
  const [row] = await run(raceSql.select(table, userId))
  if (row && whenFound)
    return whenFound({ run, table, row: { id: Number(row['id']), visits: Number(row['visits']) }, caller })
  if (checks) await check(run, table)
  const [made] = await run(raceSql.insert(table, userId, caller))
  return { word: 'created', id: Number(made?.['id']), visits: 1 }
}

/** The second story's `save()`: "Not allowed". */
async function check(run: Run, table: Table): Promise<void> {
  const [row] = await run(raceSql.exists(table, userId))
  if (Number(row?.['others']) > 0) throw new RefusedError('not allowed')
}

/** A transaction by hand, on a connection of the pool; rolled back on an error. */
export async function inTransaction<Result>(
  arena: Arena,
  work: (connection: Connection) => Promise<Result>,
  ending: 'commit' | 'rollback' = 'commit',
): Promise<Result> {
  const connection = await arena.connect()
  try {
    for (const text of arena.begin) await connection.run(text)
    const result = await work(connection)
    await connection.run(ending)
    return result
  } catch (error) {
    await connection.run('rollback')
    throw error
  } finally {
    connection.release()
  }
}
