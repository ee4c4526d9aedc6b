import type { Dialect } from './dialect.ts'

/** One SQL statement, its values apart from its text. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** A name that is the same for the same text everywhere: for drivers that prepare statements by name. */
  readonly name?: string
  /** An UPDATE without RETURNING: it answers one row, whose `affectedRows` says how many it changed. */
  readonly counts?: boolean
}

/** A row as the driver gives it. */
export type StoredRow = Readonly<Record<string, unknown>>

/** A transaction isolation level of the SQL standard, but for READ UNCOMMITTED. */
export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

/** How to begin a transaction. */
export interface BeginOptions {
  /** Without it, the server's default. SQLite has only `serializable`. */
  readonly isolation?: IsolationLevel | undefined
}

/** How calls on the same `client` that arrive at the same time leave together. */
export interface Coalescing {
  /** How many leave in one statement at most. */
  readonly maxBatch: number
}

/**
 * What onerow runs on: a pool, client, connection or open transaction of a data tool, made by the tool's adapter
 * (`fromPg(pool)`, `fromNodeSqlite(db)`, …). Making one costs nothing, so it may be written at each use.
 */
export interface Database<Client = unknown> {
  /** The tool's own object, to run other statements on. */
  readonly client: Client
  readonly dialect: Dialect
  /** What stays when `client` is a transaction that ends: the pool. What onerow learns of the database is kept with it. */
  readonly pool?: WeakKey
  /** On a pool: how many calls that arrive while others are under way leave together at most; `false` for none. */
  readonly coalesce?: Coalescing | false
  /** Runs one statement. Rejects with the tool's own error, and never throws it. */
  execute(statement: Statement): Promise<readonly StoredRow[]>
  /** Whether a statement sent now joins a transaction that the caller will end. */
  inTransaction(): boolean | Promise<boolean>
  /** Runs `work` in a new transaction on one connection: commits when it resolves, rolls back when it rejects. */
  begin<Result>(
    work: (transaction: Database<Client>) => Promise<Result>,
    options?: BeginOptions,
  ): Promise<Result>
}
