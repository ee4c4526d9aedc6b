import type { Sessions } from '@onerow/race'
import type { Database, IsolationLevel, StoredRow } from 'onerow'
import type { Table } from './race.ts'

/** Runs one statement as a user of the driver does, without onerow. */
export type Run = (text: string) => Promise<readonly StoredRow[]>

/** A connection that was taken from the pool. */
export interface Connection {
  readonly db: Database
  readonly run: Run
  release(): void
}

/** How many a pool has: one for each actor, and one to look on. */
export const mostConnections = 4

/** How much of a cell is run: beyond `limit` schedules, `samples` are drawn. */
export interface Extent {
  readonly limit: number
  readonly samples: number
}

/** An isolation level, with what else is set that decides how far transactions are kept apart. */
export interface Level {
  readonly name: string
  readonly isolation: IsolationLevel
  /** The settings, as the engine takes them. */
  readonly settings: readonly string[]
}

/** A database with the tables, at one isolation level. */
export interface Arena extends AsyncDisposable {
  /** The explorer's gates in the driver. */
  readonly sessions: Sessions
  /** onerow on the pool. */
  readonly db: Database
  /** onerow on a pool apart, where no call is in the way of another; only where there are streaks to make. */
  readonly apart?: Database
  /** Runs a statement on any connection of the pool. */
  readonly run: Run
  readonly connect: () => Promise<Connection>
  /** As each transaction is begun by hand: at the level. */
  readonly begin: readonly string[]
  /** Empties a table; the next row is numbered as the first, so that a schedule sends the same each time. */
  readonly clear: (table: Table) => string
}

/** A database server, and what must be said differently to it. */
export interface Engine extends AsyncDisposable {
  /** With its release series: `PostgreSQL 18`. */
  readonly name: string
  readonly levels: readonly Level[]
  /** Whether onerow goes another way there after a hundred calls that ended alike. */
  readonly hasStreaks: boolean
  /** How much of what onerow can do in three sessions there is time for: some servers take more of it than others. */
  readonly extentOfThree: Extent
  readonly open: (level: Level) => Promise<Arena>
}
