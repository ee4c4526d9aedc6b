import type { IsolationLevel } from '../database.ts'
import type { Engine } from './engine.ts'
import type { Session } from './open.ts'

/** Opens a transaction that takes no lock yet, with SQL of the user's own. */
export async function begin(
  { execute }: Pick<Session, 'execute'>,
  { sql }: Engine,
  isolation?: IsolationLevel,
): Promise<void> {
  for (const statement of sql.begin(isolation)) await execute(statement)
}
