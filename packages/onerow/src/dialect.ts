import type { Database, IsolationLevel, Statement } from './database.ts'
import type { KeyDefinition } from './key.ts'
import type { Column } from './table.ts'

/** What an engine can and cannot do, as data. */
export interface Capabilities {
  /** The insert names its conflict target, so that each call proves the key; otherwise the catalog is read once. */
  readonly provesKeyAtEachCall: boolean
  /**
   * One failed statement aborts the whole transaction, which stays open until its owner ends it. Elsewhere some failures
   * (InnoDB: a deadlock) end the transaction there and then, so that afterwards nobody can tell that there was one.
   */
  readonly failureAbortsTransaction: boolean
  /** An INSERT can have conditions of its own; otherwise they are asked before. */
  readonly insertIsConditional: boolean
  /** An INSERT answers the new row (RETURNING); otherwise it is read again. */
  readonly insertReturns: boolean
  /** An UPDATE answers the changed row, likewise. */
  readonly updateReturns: boolean
  /** A list's statement takes an array for each column; otherwise it has a place for each value of each row. */
  readonly listsAreArrays: boolean
  /** The transaction isolation levels that the engine tells apart. */
  readonly isolationLevels: readonly IsolationLevel[]
}

/** Where a value of a statement comes from, filled in at each call. */
export interface Slot {
  /** `row`: the values that make a new row, the lookup among them; `update`: the values to change. */
  readonly from: 'row' | 'update'
  readonly column: Column
  /** Of a list: the row's place in it, from 0. Without it, the slot takes an array of the values of all rows. */
  readonly place?: number
}

/** A statement whose text is fixed for a key and a set of columns; the values follow at each call. */
export interface Template {
  readonly text: string
  readonly name: string
  readonly slots: readonly Slot[]
  /** As in `Statement`. */
  readonly counts?: boolean
}

/** How one database enforces a key, as its catalog tells. */
export interface Arbiter {
  /** The index's predicate as the database spells it, where the conflict target must repeat that spelling. */
  readonly predicate?: string
  /** The index, by its name. */
  readonly index?: string
  /** The index and its table by their numbers: a read that asks for those finds nothing without them. */
  readonly identity?: IndexIdentity
  /** The index's columns, one for each part of the key and one for its condition, where they may be generated ones. */
  readonly columns?: readonly string[]
  /** What each read tells of the schema or the index. When it tells something else, the catalog must be read anew. */
  readonly proof?: string
  /**
   * An insert that answers its row must be committed by a statement of its own. A MariaDB Galera node that replays one at its commit
   * ends the reply as if it had no rows, and the client waits for the rest for ever.
   */
  readonly commitsApart?: boolean
}

/** An index as PostgreSQL tells it from all others. A number is no other's for as long as what it numbers exists. */
export interface IndexIdentity {
  readonly schema: string
  readonly name: string
  readonly oid: string
  readonly tableOid: string
}

/** All that the text of a call's statements depends on. */
export interface Shape {
  readonly key: KeyDefinition
  readonly arbiter: Arbiter
  /** The key's columns that are looked up as NULL. */
  readonly nullColumns: readonly Column[]
  /** The columns that an insert gives a value. */
  readonly insertColumns: readonly Column[]
  /** The columns that an update changes. */
  readonly updateColumns: readonly Column[]
  /** The columns that it sets besides, when one of those has another value. */
  readonly touchedColumns: readonly Column[]
  /** Of a list whose statement has a place for each row: how many rows. */
  readonly rows?: number
  /** Of a list of several callers: rather than wait for a rival's transaction, the statement is to fail. */
  readonly impatient?: boolean
  /** Of one call: the statement is a transaction by itself. When it fails, nothing else is lost, and another may follow. */
  readonly isAlone?: boolean
}

/** The statements of a call. Each answers rows with the table's property names. */
export interface Statements {
  /**
   * The row with the key; two when the key is broken. A column `onerow` may tell, in this order: whether a transaction is open,
   * `1` or `0`; whether there is a row, `+` or `-`; and the arbiter's `proof`. So may the other reads.
   */
  find(shape: Shape): Template
  /** The same, and holds its lock until the transaction ends. */
  findForUpdate(shape: Shape): Template
  /** The row as others have committed it, where `find` may show it as it was in the transaction's snapshot. */
  findCurrent?(shape: Shape): Template
  /** How many rows have the key, as `count`. */
  count(shape: Shape): Template
  /** Whether an expression of the key is NULL for the lookup, as `isNull`; only where the key has expressions. */
  isNullKey(shape: Shape): Template
  /** Inserts and answers the new row; answers nothing when a row with the key is there. */
  insert(shape: Shape): Template
  /**
   * Changes and answers the row with the key; answers nothing when there is none or it has these values already. Where an
   * UPDATE does not return, it answers how many rows it changed, as `affectedRows`.
   */
  update(shape: Shape): Template
  /** The row with the key, if it has the values of the update already. */
  findUnchanged(shape: Shape): Template
  /** `find` and `insert` in one round trip; a column `onerow` says 'found' or 'created'; answers nothing when a rival won. */
  findOrInsert?(shape: Shape): Template
  /** `update`, `findUnchanged` and `insert` in one round trip; `onerow` says 'updated', 'unchanged' or 'created'. */
  updateOrInsert?(shape: Shape): Template
  /**
   * `findOrInsert` for a list, in which several rows may have one key: the first is created. Here and below, `onerow` says the
   * outcome and the number of the row in the list, from 1: `created 3`; or the number alone, where there is but one outcome. A row
   * that a rival was in the way of has no answer.
   */
  findOrInsertAll?(shape: Shape): Template
  /** `insert` for a list: a row that is there already, or has the key of one before it, has no answer. */
  insertFreeAll?(shape: Shape): Template
  /** `find` for a list. Where `find` tells something in `onerow`, the first row is answered always, with that. */
  findAll?(shape: Shape): Template
  /** `findForUpdate` for a list, where `updateAll` does not answer the rows. */
  findCurrentAll?(shape: Shape): Template
  /** `insert` for a list; answers the new rows in their order, or fails. */
  insertAll?(shape: Shape): Template
  /**
   * Locks the rows that `updateAll` would change, in the same order whoever calls: `onerow` says 'locked'; or 'unchanged' for a row
   * that has these values already. Of several rows of the list with one key, it takes the first; the others have no answer. (Where a
   * statement has a place for each row, they have, too.)
   */
  lockAll?(shape: Shape): Template
  /**
   * `update`, and `findUnchanged`, for a list, likewise. Where an UPDATE does not return, it answers none of the rows, and all of
   * them must be locked.
   */
  updateAll?(shape: Shape): Template
}

/** The name of a statement of {@link Statements}. */
export type StatementKind = keyof Statements

/** What an error of the database means for a call. */
export type Failure =
  /** Another row has the same value in a unique constraint. */
  | { readonly kind: 'unique-violation'; readonly constraint: string }
  /** No unique index backs the key. */
  | { readonly kind: 'key-not-enforced' }
  /** A name in the statement leads nowhere: of the table, or of the index that a statement alone may name. */
  | { readonly kind: 'unknown-name' }
  /** The transaction lost a race with others; run again, it can succeed. */
  | { readonly kind: 'retry' }
  /**
   * Nothing that onerow knows better than the database's own message. `isRefused` when it is the database that refused the
   * statement, and so has done nothing of it; after a lost connection nobody knows.
   */
  | { readonly kind: 'other'; readonly isRefused?: boolean }

/** The ways in which a live database can fail to enforce a key as it is declared. */
export type KeyProblemKind =
  | 'missing-index'
  | 'other-columns'
  | 'other-condition'
  | 'wider-index'
  | 'invalid-index'
  | 'deferrable'
  | 'nulls-distinct'
  | 'other-collation'
  | 'nullable-column'
  | 'duplicate-rows'

/** One way in which a live database does not enforce a key. */
export interface KeyProblem {
  /** The key's name. */
  readonly key: string
  readonly kind: KeyProblemKind
  /** The index, constraint or column at fault; for duplicate rows, how many values of the key have them. */
  readonly about: string
  /** What is wrong, in a sentence. */
  readonly message: string
  /** The statements that mend it, or for duplicate rows the query that lists them. */
  readonly sql: string
}

/** What the catalog says of a key. */
export interface Inspection {
  readonly problems: readonly KeyProblem[]
  /** Present when a unique index enforces the key. */
  readonly arbiter?: Arbiter
}

/** How thoroughly to inspect a key. */
export interface InspectOptions {
  /** Whether to count duplicate rows where the key is not enforced, which reads the whole table; true unless told. */
  readonly duplicates?: boolean
}

/** The SQL of one engine family. */
export interface Dialect {
  readonly name: string
  readonly capabilities: Capabilities
  readonly statements: Statements
  /** The DDL of a key. */
  keySql(key: KeyDefinition): string
  /** Names what an error of a driver means, whichever driver raised it. */
  classify(error: unknown): Failure
  /** Reads from the catalog how the database enforces a key. */
  inspect(db: Pick<Database, 'execute'>, key: KeyDefinition, options?: InspectOptions): Promise<Inspection>
  /** The statements that open a transaction. */
  begin(isolation: IsolationLevel | undefined): readonly Statement[]
}
