export { notNull } from './condition.ts'
export type { Condition, ConditionValue, NotNull } from './condition.ts'
export { createUnique } from './create-unique.ts'
export type { BeginOptions, Database, IsolationLevel, Statement, StoredRow } from './database.ts'
export type { Capabilities, Dialect, KeyProblem, KeyProblemKind } from './dialect.ts'
export {
  AlreadyExistsError,
  ConflictElsewhereError,
  ContentionError,
  DuplicateRowsError,
  KeyNotEnforcedError,
  OutsideKeyError,
  RetryTransactionError,
  isOnerowError,
} from './errors.ts'
export type { OnerowError } from './errors.ts'
export { expression, lower } from './expression.ts'
export type { Expression } from './expression.ts'
export { getOrCreate } from './get-or-create.ts'
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
export { verifyKeys } from './verify-keys.ts'
