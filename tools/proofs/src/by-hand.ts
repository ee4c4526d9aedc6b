import { RefusedError } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Arena, Connection, Run } from './engine.ts'
import { raceSql } from './race.ts'
import type { Table } from './race.ts'
import type { Verb } from './verbs.ts'

/** Code as people write it: it reads, and then it writes. */
export interface ByHand {
  readonly table: Table
  /** Whether it checks in `save()`, as in the second story. */
  readonly checks: boolean
}

/** Reads; if there is nothing, inserts. */
export async function byHand(
  run: Run,
  { verb, caller }: { readonly verb: Verb; readonly caller: string },
  { table, checks }: ByHand,
): Promise<Answer> {
  const [row] = await run(raceSql.select(table))
  if (row) {
    const found = { id: Number(row['id']), visits: Number(row['visits']) }
    return verb.whenFound({ run, table, found, caller })
  }
  if (checks) await check(run, table)
  const [made] = await run(raceSql.insert(table, caller))
  return { word: 'created', id: Number(made?.['id']), visits: 1 }
}

/** The second story's `save()`: "Not allowed". */
async function check(run: Run, table: Table): Promise<void> {
  const [row] = await run(raceSql.exists(table))
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
