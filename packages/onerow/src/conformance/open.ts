import type { Database, IsolationLevel, StoredRow } from '../database.ts'

/** One connection, with the data tool's own way to run a statement on it. */
export interface Session {
  readonly db: Database
  /** Runs one statement as a user of the tool does, without onerow. */
  readonly execute: (text: string, values?: readonly unknown[]) => Promise<readonly StoredRow[]>
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  /** How many connections `db` may have at most; 10 unless told. */
  readonly connections?: number
  /** The isolation level of every transaction that names none. */
  readonly isolation?: IsolationLevel
  /** Tell the tool of a read replica, at an address where nobody answers. */
  readonly unreachableReplica?: boolean
}

/** A database as an application has it. */
export interface OpenDatabase {
  /** On a pool, where the tool has pools. */
  readonly db: Database
  /** Opens a connection of its own, which cases have in turn; where there can be just one, gives that one. */
  readonly session: () => Promise<Session>
  readonly close: () => Promise<void>
}

/**
 * Opens a database. Opened again with the same `where`, it is the same database.
 *
 * @param where what names it: a URL, a file's path
 */
export type Open = (where: string, options: OpenOptions) => Promise<OpenDatabase>

/** A way to the database on which connections can be cut. */
export interface Faults {
  /** To open instead of the database's own. */
  readonly where: string
  /**
   * Cuts the connection on which these bytes are sent next: before they reach the server, as soon as they have, or when
   * the server has done what they ask and is about to say so. Resolves when the server has let go of the connection.
   */
  cut(moment: CutMoment, matching: string): Promise<void>
  close(): Promise<void>
}

export type CutMoment = 'before-send' | 'after-send' | 'before-reply'
