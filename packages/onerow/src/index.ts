export type { CallOptions } from './call.ts'
export { notNull } from './condition.ts'
export type { Condition, ConditionValue, NotNull } from './condition.ts'
export { createUnique } from './create-unique.ts'
export type { BeginOptions, Coalescing, Database, IsolationLevel, Statement, StoredRow } from './database.ts'
export type { Capabilities, Dialect, KeyProblem, KeyProblemKind } from './dialect.ts'
export {
  AlreadyExistsError,
  ConflictElsewhereError,
  ContentionError,
  DuplicateRowsError,
  KeyNotEnforcedError,
  OutsideKeyError,
  RetryTransactionError,
  RowFailedError,
  isOnerowError,
} from './errors.ts'
export type { OnerowError } from './errors.ts'
export { expression, lower } from './expression.ts'
export type { Expression } from './expression.ts'
export { getOrCreate } from './get-or-create.ts'
export { getOrCreateMany } from './get-or-create-many.ts'
export type { GetOrCreateResult, GetOrCreateValues, WithCreate } from './get-or-create.ts'
export { keySql } from './key-sql.ts'
export { uniqueKey } from './key.ts'
export type {
  CreateOf,
  Key,
  KeyDefinition,
  KeyOptions,
  KeyPart,
  Lazy,
  LookupOf,
  RowOf,
  UpdateOf,
} from './key.ts'
export type { Calls, Progress, StreamOptions } from './stream.ts'
export { table } from './table.ts'
export type { Column, ColumnOptions, Table, TableDefinition, TableOptions } from './table.ts'
export { transaction } from './transaction.ts'
export type { TransactionOptions } from './transaction.ts'
export { updateOrCreate } from './update-or-create.ts'
export type {
  UpdateOrCreateByFunction,
  UpdateOrCreateResult,
  UpdateOrCreateValues,
} from './update-or-create.ts'
export { updateOrCreateMany } from './update-or-create-many.ts'
export type { UpdateOrCreateManyValues } from './update-or-create-many.ts'
export { verifyKeys } from './verify-keys.ts'
