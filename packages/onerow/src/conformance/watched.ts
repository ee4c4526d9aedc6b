import type { Database, Statement } from '../database.ts'

export interface Watcher {
  /** Runs before each statement; the one that begins a transaction has no text here. */
  before?(text: string): unknown
  /** Runs after each statement, with its error if it failed. */
  after?(text: string, error?: unknown): unknown
}

/** The database, with a watcher on its statements: this is where a race's rival comes in. */
export function watched<Client>(db: Database<Client>, watcher: Watcher): Database<Client> {
  const execute = async (statement: Statement) => {
    await watcher.before?.(statement.text)
    try {
      const rows = await db.execute(statement)
      await watcher.after?.(statement.text)
      return rows
    } catch (error) {
      await watcher.after?.(statement.text, error)
      throw error
    }
  }
  return {
    ...db,
    execute,
    inTransaction: () => db.inTransaction(),
    async begin(work, options) {
      await watcher.before?.('')
      let begun = false
      try {
        return await db.begin((tx) => {
          begun = true
          return work(watched(tx, watcher))
        }, options)
      } catch (error) {
        if (!begun) await watcher.after?.('', error)
        throw error
      }
    },
  }
}

/** The database, and how many statements were sent to it. */
export function counted<Client>(db: Database<Client>): {
  readonly db: Database<Client>
  readonly count: () => number
} {
  let count = 0
  return { db: watched(db, { before: () => count++ }), count: () => count }
}
