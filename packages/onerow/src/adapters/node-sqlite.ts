import type { Database, Statement, StoredRow } from '../database.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { forgetPrepared, preparedOn } from './prepared-statements.ts'
import { sessionDatabase } from './session.ts'

/** The part of `DatabaseSync` of `node:sqlite` that onerow calls. */
export interface NodeSqliteLike {
  prepare(text: string): {
    all(named: Record<string, never>, ...values: readonly unknown[]): readonly StoredRow[]
  }
  /** From Node 22.16 on. */
  readonly isTransaction: boolean
}

/**
 * Runs onerow on a `DatabaseSync` of `node:sqlite`; inside a transaction that you have opened on it, too.
 *
 * Open the database with a `timeout`, so that a call waits for the writer of another process instead of trying again.
 * Statements that you run on the same `DatabaseSync` yourself while an async `update` function is awaited join its
 * transaction.
 *
 * @example
 * ```ts
 * const database = new DatabaseSync('app.db', { timeout: 5000 })
 * const { row } = await getOrCreate(fromNodeSqlite(database), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromNodeSqlite<Client extends NodeSqliteLike>(client: Client): Database<Client> {
  if (client.isTransaction === undefined)
    throw new TypeError(
      'onerow/node-sqlite needs Node 22.16 or later: this one cannot tell whether a transaction is open.',
    )
  return sessionDatabase({
    client,
    dialect: sqlite,
    execute: async (statement) => execute(client, statement),
    inTransaction: () => client.isTransaction,
  })
}

function execute(client: NodeSqliteLike, statement: Statement): readonly StoredRow[] {
  // Without the first argument, a value that is an object would be taken for named parameters, and the others move up.
  const run = () => preparedOn(client, statement).all({}, ...statement.values)
  try {
    return run()
  } catch (error) {
    // Closed and opened again, the database knows none of its statements.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE')) throw error
    forgetPrepared(client)
    return run()
  }
}
