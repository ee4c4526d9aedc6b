import type { KeyProblem } from './dialect.ts'
import { describeKey } from './key.ts'
import type { KeyDefinition } from './key.ts'

/** The database does not enforce the key. `sql` holds the statements that mend it. */
export class KeyNotEnforcedError extends Error {
  override readonly name = 'KeyNotEnforcedError'
  readonly kind = 'key-not-enforced'
  readonly retryable = false
  readonly key: string
  readonly problems: readonly KeyProblem[]
  readonly sql: string

  constructor(key: KeyDefinition, problems: readonly KeyProblem[], ddl: string, cause?: unknown) {
    // With a nullable column or a wider index the key is still enforced: `verifyKeys` tells them, a call does not mind.
    const blocking = problems.filter(({ kind }) => kind !== 'nullable-column' && kind !== 'wider-index')
    const sql = blocking.map((problem) => problem.sql).join('\n') || ddl
    const reasons = blocking.map((problem) => `- ${problem.message}`).join('\n')
    super(
      `The database does not enforce the key "${key.name}" on ${describeKey(key)}, so two callers could each make ` +
        `a row.${reasons && `\n${reasons}`}\nRun, in a migration:\n${sql}`,
      { cause },
    )
    this.key = key.name
    this.problems = problems
    this.sql = sql
  }
}

/** The call's values do not fit the key: nothing was sent to the database. */
export class OutsideKeyError extends Error {
  override readonly name = 'OutsideKeyError'
  readonly kind = 'outside-key'
  readonly retryable = false
  readonly key: string
  /** The property at fault, if it is one. */
  readonly property: string | undefined

  constructor(key: KeyDefinition, reason: string, property?: string) {
    super(`Key "${key.name}" on ${describeKey(key)}: ${reason}`)
    this.key = key.name
    this.property = property
  }
}

/** More than one row has the key already: the constraint was missing when they were written. */
export class DuplicateRowsError extends Error {
  override readonly name = 'DuplicateRowsError'
  readonly kind = 'duplicate-rows'
  readonly retryable = false
  readonly key: string
  /** How many rows have the key. */
  readonly count: number

  constructor(key: KeyDefinition, count: number, ddl: string) {
    super(
      `${count} rows have this value of the key "${key.name}" on ${describeKey(key)}, where there may be one. ` +
        'They were written while no unique index stood behind the key. ' +
        `Keep one of them, delete or merge the others, then run:\n${ddl}`,
    )
    this.key = key.name
    this.count = count
  }
}

/** `createUnique` found that the row exists. The message is the key's own. */
export class AlreadyExistsError<Row extends object = object> extends Error {
  override readonly name = 'AlreadyExistsError'
  readonly kind = 'already-exists'
  readonly retryable = false
  readonly key: string
  /** The key's `code`, if it has one. */
  readonly code: string | undefined
  /** The row that exists. */
  readonly row: Row

  constructor(key: KeyDefinition, row: Row) {
    super(
      key.message ??
        `A row with this ${key.parts.map((part) => part.column.property).join(', ')} exists already.`,
    )
    this.key = key.name
    this.code = key.code
    this.row = row
  }
}

/** The values break another unique constraint than the key's. Nothing was written. */
export class ConflictElsewhereError extends Error {
  override readonly name = 'ConflictElsewhereError'
  readonly kind = 'conflict-elsewhere'
  /**
   * True in a caller's transaction that the conflict has aborted: the row in the way may be the very row that was looked
   * for, made by a rival meanwhile, and only a new transaction can tell. `transaction` runs once more to find out.
   */
  readonly retryable: boolean
  readonly key: string
  /** The constraint's name, or on SQLite the columns it names: `account.email`. */
  readonly constraint: string

  constructor(
    key: KeyDefinition,
    constraint: string,
    { cause, retryable = false }: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(
      `The values break another unique constraint than that of the key "${key.name}": "${constraint}", which another row ` +
        'satisfies already. ' +
        (retryable
          ? 'It may be the row that was looked for, made by a rival at this moment; the transaction is aborted, so only a ' +
            'new one can tell: run it once more.'
          : 'Change the value that it is about, or look the row up by the key of that constraint.'),
      { cause },
    )
    this.key = key.name
    this.constraint = constraint
    this.retryable = retryable
  }
}

/** The caller's transaction lost a race that only a new transaction can win. */
export class RetryTransactionError extends Error {
  override readonly name = 'RetryTransactionError'
  readonly kind = 'retry-transaction'
  readonly retryable = true

  constructor(cause: unknown) {
    super(
      'Another transaction changed what this one has read. Roll back and run the whole transaction again; ' +
        '`transaction(db, work)` does so by itself.',
      { cause },
    )
  }
}

/** The attempts are used up: others were in the way each time. */
export class ContentionError extends Error {
  override readonly name = 'ContentionError'
  readonly kind = 'contention'
  readonly retryable = true
  /** How many attempts were made. */
  readonly attempts: number

  constructor(reason: string, attempts: number, cause?: unknown) {
    super(`No outcome after ${attempts} attempts. ${reason}`, { cause })
    this.attempts = attempts
  }
}

/** One call of a list failed, and so nothing of the list was written; of a stream, nothing of its batch. */
export class RowFailedError extends Error {
  override readonly name = 'RowFailedError'
  readonly kind = 'row-failed'
  readonly retryable = false
  /** Which call of the list or stream, from 0. */
  readonly index: number

  /** @param cause the error of that call: what it would have thrown alone */
  constructor(index: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`Call ${index} of the list failed, and nothing was written. ${reason}`, { cause })
    this.index = index
  }
}

/** Every error that onerow itself raises; tell them apart by `kind`. What else the database says comes out untouched. */
export type OnerowError =
  | KeyNotEnforcedError
  | OutsideKeyError
  | DuplicateRowsError
  | AlreadyExistsError
  | ConflictElsewhereError
  | RetryTransactionError
  | ContentionError
  | RowFailedError

const kinds: ReadonlySet<unknown> = new Set<OnerowError['kind']>([
  'key-not-enforced',
  'outside-key',
  'duplicate-rows',
  'already-exists',
  'conflict-elsewhere',
  'retry-transaction',
  'contention',
  'row-failed',
])

/**
 * Whether an error is onerow's own, by its `kind`: also across two copies of the package in one process.
 *
 * @example
 * ```ts
 * try {
 *   await work()
 * } catch (error) {
 *   if (isOnerowError(error) && error.kind === 'already-exists') console.log(error.message, error.row)
 *   else throw error
 * }
 * ```
 */
export function isOnerowError(error: unknown): error is OnerowError {
  return error instanceof Error && 'kind' in error && kinds.has(error.kind)
}
