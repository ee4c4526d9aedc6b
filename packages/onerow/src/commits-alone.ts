import type { Database } from './database.ts'

/** Whether a statement sent now commits by itself: on a pool, where adapters say how calls gather, outside of the tool's own transactions. */
export function commitsAlone(db: Database): boolean {
  return db.coalesce !== undefined && db.inTransaction() === false
}
