import type { Values } from './candidate.ts'
import type { Database } from './database.ts'
import type { KeyDefinition } from './key.ts'
import type { Learned } from './learned.ts'

/** One call of a verb: where it runs, and the checked lookup of its key. */
export interface Call {
  readonly db: Database
  readonly key: KeyDefinition
  readonly lookup: Values
  readonly learned: Learned
  /** Whether it runs in a transaction, where that cannot be asked at any time. */
  readonly inTransaction?: boolean
  /** No statement is sent once this is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** How to run a call. */
export interface CallOptions {
  /**
   * Ends the call when it is aborted: it rejects with the signal's reason, and sends no more statements. One that is under way
   * is not recalled, nor are those for several calls of which it is one, so the row may be created all the same. For a time limit:
   * `AbortSignal.timeout(milliseconds)`.
   */
  readonly signal?: AbortSignal
}
