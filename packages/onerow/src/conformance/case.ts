import type { Engine } from './engine.ts'

/** What a case needs and not every pair of data tool and engine has. */
export type Need =
  /** Several connections to one database, so that one can come between the statements of another. */
  | 'several sessions'
  /** Other processes can open the same database. */
  | 'several processes'
  /** A connection that can be cut while a call is under way. */
  | 'lost connections'
  /** The data tool itself sends reads to a replica. */
  | 'read replicas'
  /** What one session has locked, every other waits for, on whichever server of a cluster. */
  | 'rivals that block'
  /** A transaction does not lock at its start, so that a rival can commit while it runs. */
  | 'rivals of a transaction'
  /** What a transaction has read is not locked, so that a rival can write there meanwhile. */
  | 'rivals of a reader'
  /** Nor is the place of a row that a locking read did not find. */
  | 'rivals of a locking read'
  /** A refused insert takes no lock on the row that it met, so that a rival can remove that before we look again. */
  | 'rivals of a conflict'
  /** `getOrCreate` finds and inserts in one statement, and so waits in it for a rival. */
  | 'one statement'
  /** It does so in two. */
  | 'two statements'
  /** Calls of `getOrCreate` that arrive while others are under way leave together. */
  | 'calls that gather'
  /** Their new rows, too, are inserted by one statement. */
  | 'inserts that gather'
  /** An insert locks no gap between rows, so that those who lock rows in one order never deadlock. */
  | 'no gap locks'
  /** Rows that are made one after another have ids one after another. */
  | 'ids without gaps'
  /** After a statement that failed, a transaction can go on from a savepoint that SQL has set. */
  | 'savepoints by SQL'
  | 'deferrable constraints'
  | 'deferrable foreign keys'
  /** Unique indexes with a condition, made by somebody else than onerow. */
  | 'conditional indexes'
  /** An index build that fails and leaves an index that enforces nothing. */
  | 'invalid indexes'
  /** Unique indexes with columns beside the key (INCLUDE). */
  | 'covering columns'
  | 'partitioned tables'
  | 'inherited tables'
  /** A text column can be made to find 'Bob' and 'bob' equal. */
  | 'case-insensitive collations'
  /** A column can be made NOT NULL where it stands. */
  | 'alter column'
  /** A session can be set to read string literals otherwise. */
  | 'other literals'
  /** The conflict predicate must be spelled as the index spells it. */
  | 'spelled predicates'

/** What a pair cannot do, each with the reason that is printed when a case is skipped for it. */
export type Cannot = { readonly [N in Need]?: string }

/** One case of the suite. */
export interface Case {
  /** As in the list of what every adapter must do: `G01`. */
  readonly id: string
  readonly name: string
  readonly needs?: readonly Need[]
  /** Whether to run it once at each isolation level of the engine. */
  readonly atEachLevel?: boolean
  run(engine: Engine): Promise<void>
}
