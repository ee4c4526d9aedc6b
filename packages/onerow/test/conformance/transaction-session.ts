import type { Database, IsolationLevel } from 'onerow'
import type { Session } from 'onerow/conformance'

/** An open transaction of a data tool, as its users hold it. */
export interface ToolTransaction {
  readonly db: Database
  readonly execute: Session['execute']
  readonly commit: () => Promise<unknown>
  readonly rollback: () => Promise<unknown>
}

/** A data tool with one connection, on which its transactions are opened by a call and not by SQL. */
export interface TransactionTool extends Session {
  readonly begin: (isolation: IsolationLevel | undefined) => Promise<ToolTransaction>
}

/**
 * The tool as a session of the suite, whose cases say BEGIN, COMMIT and ROLLBACK: those open and end a transaction of the
 * tool's own, and in between the database is the one that the adapter makes of that transaction.
 */
export function transactionSession(tool: TransactionTool): Session {
  let open: ToolTransaction | undefined
  let isolation: IsolationLevel | undefined
  const end = async (how: 'commit' | 'rollback'): Promise<void> => {
    const ending = open
    open = undefined
    await ending?.[how]()
  }
  const db = (): Database => open?.db ?? tool.db
  return {
    db: {
      get client() {
        return db().client
      },
      dialect: tool.db.dialect,
      execute: (statement) => db().execute(statement),
      inTransaction: () => db().inTransaction(),
      begin: (work, options) => db().begin(work, options),
    },
    async execute(text, values) {
      const level = /isolation level (.*)$/.exec(text)?.[1]
      // The suite's own text: see `begin` of its engines.
      if (level !== undefined) isolation = level as IsolationLevel
      if (/^(begin|start transaction)/.test(text)) {
        open = await tool.begin(isolation)
        isolation = undefined
      } else if (text === 'commit' || text === 'rollback') await end(text)
      else if (!text.startsWith('set transaction ')) return (open ?? tool).execute(text, values)
      return []
    },
    async close() {
      await end('rollback')
      await tool.close()
    },
  }
}
