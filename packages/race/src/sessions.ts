/** A session that waits for a lock, and those that have it. */
export interface Wait {
  readonly session: number
  readonly waitsFor: readonly number[]
}

/** Gates in a driver, and a watch on the locks of its server. Made by `pgSessions`, `mysql2Sessions`, …; opened by `explore`. */
export interface Sessions {
  /** Puts gates before all statements that this process sends with the driver. Disposing of it takes them away again. */
  readonly open: (options?: OpenOptions) => Promise<OpenSessions>
}

/** How gates are to stand. */
export interface OpenOptions {
  /**
   * How the actors' transactions run that name no isolation level. Each connection is told so before the first statement that is held
   * back there, and told what it was before when the gates are taken away. Unless given, connections stay as they are.
   */
  readonly isolation?: Isolation | undefined
}

/** The gates of a driver while they stand. */
export interface OpenSessions extends AsyncDisposable {
  /** What reports call it: `pg, PostgreSQL 18.4`. */
  readonly name: string
  /** How the transactions run that name no isolation level. */
  readonly isolation: Isolation
  /**
   * Which of these sessions wait for a lock; by a connection of its own.
   *
   * @param sessions the server's numbers of those whose statements are under way
   */
  readonly waits: (sessions: readonly number[]) => Promise<readonly Wait[]>
  /** Has the server end the statement that a session is running. */
  readonly kill: (session: number) => Promise<void>
  /** Of a server that does things at times of its own, on which it may depend who waits for whom: resolves when it has done what it can. */
  readonly settled?: () => Promise<void>
  /** How the server keeps serializable transactions apart: by locks on what they read, or by a look for cycles among them. */
  readonly serializableBy: 'locks' | 'cycles'
  /** What the server's catalog says of tables that statements on others touch. */
  readonly relations: Relations
}

/** The isolation levels of transactions, as SQL spells them, in lower case. */
export type Isolation = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'

/** By table, in lower case and without schema: those that a statement on it touches besides. */
export interface Relations {
  /** Of a view: what it reads. Of a table: the tables that its foreign keys refer to, whose rows a write locks. */
  readonly reads: ReadonlyMap<string, readonly string[]>
  /** With triggers or rules, whose effects nobody knows: each statement that writes here may touch everything. */
  readonly opaque: ReadonlySet<string>
}
