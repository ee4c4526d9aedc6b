import type { Database, IsolationLevel, StoredRow } from 'onerow'
import type { WayName } from './ways.ts'

/** What a statement has done. */
export interface Ran {
  readonly rows: readonly StoredRow[]
  /** How many rows it has inserted, updated or deleted. */
  readonly changed: number
}

/** Runs one statement as a user of the data tool does, without onerow. */
export type Run = (text: string) => Promise<Ran>

/** One connection. */
export interface Session {
  readonly db: Database
  readonly run: Run
}

/** An isolation level, with what else is set that decides how far transactions are kept apart. */
export interface Level {
  /** As its heading: `REPEATABLE READ`. */
  readonly name: string
  readonly isolation: IsolationLevel
  /** The settings, as the engine takes them. */
  readonly settings: readonly string[]
}

/** The parties of a race, all of whose transactions are at one level. */
export interface Parties {
  /** As an application has it. */
  readonly pool: Database
  /** The caller's own connection, for transactions by hand. */
  readonly caller: Session
  readonly rival: Session
  /** Whether the server sees one of them held up by another's lock; the caller also where it is on the pool. */
  seesHeldUp(party: 'caller' | 'rival'): Promise<boolean>
  close(): Promise<void>
}

/** A database with the tables of the races, and what must be said differently to each engine. */
export interface Engine {
  /** With its release series: `PostgreSQL 18`. */
  readonly name: string
  readonly levels: readonly Level[]
  /** The ways to call that can be told apart here. */
  readonly ways: readonly WayName[]
  open(level: Level): Promise<Parties>
  /** Runs a statement on a connection that takes part in no race. */
  readonly observe: Run
  /** Empties the tables. */
  readonly clear: readonly string[]
  /** Whether a statement failed because it is not to wait for another's lock: where waiting would block this process. */
  isRefusedByLock(error: unknown): boolean
  close(): Promise<void>
}
