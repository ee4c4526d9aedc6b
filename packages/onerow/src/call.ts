import type { Values } from './candidate.ts'
import type { Database } from './database.ts'
import type { KeyDefinition } from './key.ts'

/** One call of a verb: where it runs, and the checked lookup of its key. */
export interface Call {
  readonly db: Database
  readonly key: KeyDefinition
  readonly lookup: Values
  /** Whether it runs in a transaction, where that cannot be asked at any time. */
  readonly inTransaction?: boolean
}
