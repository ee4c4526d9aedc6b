import { conditionTerms } from './condition.ts'
import type { Condition, ConditionTerm, NotNull } from './condition.ts'
import type { Expression } from './expression.ts'
import { tableName } from './table.ts'
import type { Column, Table, TableDefinition } from './table.ts'

/** One part of a key: a column, or an expression on one. */
export interface KeyPart {
  readonly column: Column
  /** The SQL text of the part on an operand; absent for a plain column. */
  readonly of?: ((operand: string) => string) | undefined
}

/** A key as data, without its types. */
export interface KeyDefinition {
  readonly name: string
  readonly table: TableDefinition
  readonly parts: readonly KeyPart[]
  readonly condition: readonly ConditionTerm[]
  readonly nulls: 'distinct' | 'equal'
  readonly message: string | undefined
  readonly code: string | undefined
}

/**
 * A unique constraint or index of the database, named in code. Made by {@link uniqueKey}.
 *
 * Its type knows the row, the columns and the condition, so that a lookup which the database would not enforce does
 * not compile.
 */
export interface Key<
  Row extends object = object,
  Insert extends object = object,
  Columns extends string = string,
  KeyCondition = unknown,
  Nulls = unknown,
> extends KeyDefinition {
  /** Only types live here; there is no value at run time. */
  readonly '~types'?: {
    readonly row: Row
    readonly insert: Insert
    readonly columns: Columns
    readonly condition: KeyCondition
    readonly nulls: Nulls
  }
}

/** What a key is besides its columns. */
export interface KeyOptions<KeyCondition, Nulls> {
  /** The name of the unique index or constraint. */
  readonly name: string
  /** The condition of a conditional (partial) unique index: the key is unique among the rows that match it. */
  readonly condition?: KeyCondition
  /** `'equal'` when two NULLs count as the same value (SQL: NULLS NOT DISTINCT), so that NULL can be looked up. */
  readonly nulls?: Nulls
  /** What `createUnique` tells the user when the row exists. */
  readonly message?: string
  /** A code for programs, passed on by `createUnique` beside the message. */
  readonly code?: string
}

type PropertyOf<Part> = Part extends string
  ? Part
  : Part extends Expression<infer Property>
    ? Property
    : never

/**
 * Declares a key: the columns that a unique index of the database covers.
 *
 * @param table the table, from `table()`
 * @param parts properties of the row, or expressions on them such as `lower('email')`
 * @returns the key, to call `getOrCreate` and its kin with; `keySql` gives its DDL, `verifyKeys` checks it
 * @throws `TypeError` when the definition cannot work: no name, no or unknown column, a column twice, an empty list
 * @example
 * ```ts
 * const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
 *   name: 'unique_user_unique_document_type',
 *   condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
 *   message: 'This user already has a document of this type.',
 * })
 * ```
 */
export function uniqueKey<
  Row extends object,
  Insert extends object,
  const Parts extends readonly (
    | (keyof Row & string)
    // Not Expression<keyof Row & string>: that would widen the property when it is inferred from an expression.
    | Expression
  )[],
  // The key's condition is part of its type: the lookup is narrowed to it.
  const KeyCondition extends Condition<Row> = Record<never, never>,
  const Nulls extends 'distinct' | 'equal' = 'distinct',
>(
  table: Table<Row, Insert>,
  parts: Parts & PartsOf<Row, Parts>,
  options: KeyOptions<KeyCondition, Nulls>,
): Key<Row, Insert, PropertyOf<Parts[number]>, KeyCondition, Nulls> {
  const definition: TableDefinition | undefined = table
  if (!Array.isArray(definition?.columns))
    throw new TypeError("The first argument must be a table: table('document', { columns: { … } }).")
  const given: KeyOptions<KeyCondition, Nulls> | undefined = options
  const name: string | undefined = given?.name
  if (!name)
    throw new TypeError(
      `A key on table "${tableName(table)}" has no name. Give it the name of its unique index: { name: '…' }.`,
    )
  const fail = (reason: string): never => {
    throw new TypeError(`Key "${name}" on table "${tableName(table)}": ${reason}.`)
  }
  if (!Array.isArray(parts)) fail("its columns must be a list: uniqueKey(table, ['column'], …)")
  if (options.nulls !== undefined && !['distinct', 'equal'].includes(options.nulls))
    fail(`nulls is "${options.nulls}"; it must be 'distinct' or 'equal'`)
  const listed: readonly (string | Expression)[] = parts
  if (listed.length === 0) fail('it has no columns: name the columns that its unique index covers')
  const keyParts = listed.map((part) => toKeyPart(table, part, fail))
  const seen = new Set<string>()
  for (const { column } of keyParts) {
    if (seen.has(column.property)) fail(`it names the column "${column.property}" twice`)
    seen.add(column.property)
  }
  const nulls = options.nulls ?? 'distinct'
  const condition = conditionTerms(table, options.condition ?? {}, fail)
  for (const term of condition) {
    if (term.kind === 'null' && nulls === 'distinct' && seen.has(term.column.property))
      fail(
        `its condition asks for NULL in the key column "${term.column.property}", and NULLs are never equal`,
      )
  }
  return { name, table, parts: keyParts, condition, nulls, message: options.message, code: options.code }
}

/** Refuses, in the types, a part on a property that the row does not have. */
type PartsOf<Row, Parts extends readonly unknown[]> = {
  readonly [I in keyof Parts]: PropertyOf<Parts[I]> extends keyof Row ? Parts[I] : never
}

function toKeyPart(
  table: TableDefinition,
  part: string | Expression,
  fail: (reason: string) => never,
): KeyPart {
  const property = typeof part === 'string' ? part : part.property
  const column = table.columns.find((candidate) => candidate.property === property)
  if (!column) {
    const known = table.columns.map((candidate) => candidate.property).join(', ')
    return fail(`"${property}" is not a column of the table, which has ${known}`)
  }
  return typeof part === 'string' ? { column } : { column, of: part.of }
}

/** The key as people write it, for messages: `document (user_id, document_type)`. */
export function describeKey(key: KeyDefinition): string {
  const parts = key.parts.map((part) => (part.of ? part.of(part.column.name) : part.column.name))
  return `${tableName(key.table)} (${parts.join(', ')})`
}

type TypesOf<K extends Key> = NonNullable<K['~types']>

/** The row type of a key's table. */
export type RowOf<K extends Key> = TypesOf<K>['row']

type Inside<Value, Allowed> = Allowed extends readonly (infer One)[]
  ? One
  : Allowed extends NotNull
    ? NonNullable<Value>
    : Allowed

type ValueOf<Row, P extends PropertyKey> = P extends keyof Row ? Row[P] : never

type Narrowed<Row, KeyCondition, P extends PropertyKey> = P extends keyof KeyCondition
  ? Inside<ValueOf<Row, P>, KeyCondition[P]>
  : ValueOf<Row, P>

/** A lookup of the key: a value for every column, inside the key's condition. */
export type LookupOf<K extends Key> = {
  readonly [P in TypesOf<K>['columns']]: TypesOf<K>['nulls'] extends 'equal'
    ? Narrowed<RowOf<K>, TypesOf<K>['condition'], P>
    : NonNullable<Narrowed<RowOf<K>, TypesOf<K>['condition'], P>>
}

/** A value, or a function that gives it, called only when the value is needed. */
export type Lazy<Value> = Value | (() => Value | Promise<Value>)

type SeveralAllowed = readonly unknown[] | NotNull

/** The values beside the lookup that make a new row, each a value or a function. */
export type CreateOf<K extends Key> = CreateValues<
  RowOf<K>,
  TypesOf<K>['insert'],
  TypesOf<K>['columns'],
  TypesOf<K>['condition']
>

type CreateValues<Row, Insert, Columns, KeyCondition> = Flat<
  {
    readonly [P in keyof Insert as P extends Columns | keyof KeyCondition ? never : P]: Lazy<Insert[P]>
  } & {
    // A condition column with one allowed value is filled in; with several, the caller says which.
    readonly [
      P in keyof KeyCondition as P extends Columns
        ? never
        : KeyCondition[P] extends SeveralAllowed
          ? P
          : never
    ]: Lazy<Inside<ValueOf<Row, P>, KeyCondition[P]>>
  } & {
    readonly [
      P in keyof KeyCondition as P extends Columns
        ? never
        : KeyCondition[P] extends SeveralAllowed
          ? never
          : P
    ]?: Lazy<Inside<ValueOf<Row, P>, KeyCondition[P]>>
  }
>

/** The values that `updateOrCreate` may change: every column but the key's own. */
export type UpdateOf<K extends Key> = Partial<CreateOf<K>>

/** Shows an intersection as one object type in editors and errors. */
type Flat<T> = { [P in keyof T]: T[P] }
