import type { Column, TableDefinition } from './table.ts'

type Scalar = string | number | bigint | boolean

/** The type of {@link notNull}. */
export interface NotNull {
  readonly '~onerow': 'not-null'
}

/** In a key's condition: the column holds any value but NULL. */
export const notNull: NotNull = { '~onerow': 'not-null' }

/** What a condition may ask of a column that holds `Value`: a value, one of a list, NULL, or {@link notNull}. */
export type ConditionValue<Value> =
  | Extract<Value, Scalar>
  | readonly Extract<Value, Scalar>[]
  | (null extends Value ? null : never)
  | NotNull

/** The predicate of a conditional unique index: every named column must match. */
export type Condition<Row extends object> = { readonly [P in keyof Row]?: ConditionValue<Row[P]> }

/** One column's part of a condition, checked. */
export type ConditionTerm = { readonly column: Column } & (
  | { readonly kind: 'in'; readonly values: readonly Scalar[] }
  | { readonly kind: 'null' }
  | { readonly kind: 'not-null' }
)

/** Checks a condition and lists its terms in the order in which they are written. */
export function conditionTerms(
  table: TableDefinition,
  condition: object,
  fail: (reason: string) => never,
): readonly ConditionTerm[] {
  return Object.entries(condition).map(([property, expected]: [string, unknown]) => {
    const column = table.columns.find((candidate) => candidate.property === property)
    if (!column) return fail(`its condition names "${property}", which is not a column of the table`)
    if (expected === null) return { column, kind: 'null' }
    if (isNotNull(expected)) return { column, kind: 'not-null' }
    const values: readonly unknown[] = Array.isArray(expected) ? expected : [expected]
    if (values.length === 0)
      return fail(`its condition allows no value for "${property}": give the list at least one value`)
    // As they are stored, since so they stand in the index and in the values to compare.
    const stored = values.map((value) => (column.encode && isScalar(value) ? column.encode(value) : value))
    const wrong = stored.find((value) => !isScalar(value))
    if (wrong !== undefined || stored.includes(undefined))
      return fail(
        `its condition on "${property}" holds ${String(wrong)}: a condition takes strings, finite numbers, ` +
          'bigints, booleans, a list of those, null, or notNull',
      )
    return { column, kind: 'in', values: stored.filter(isScalar) }
  })
}

/** Whether a row with this value is inside the term. NULL is inside only where the term asks for NULL. */
export function isInside(term: ConditionTerm, value: unknown): boolean {
  if (value === null || value === undefined) return term.kind === 'null'
  if (term.kind === 'not-null') return true
  return term.kind === 'in' && term.values.some((expected) => sameScalar(expected, value))
}

/** The one value that the term allows, if it allows just one. */
export function onlyValue(term: ConditionTerm): Scalar | null | undefined {
  if (term.kind === 'null') return null
  return term.kind === 'in' && term.values.length === 1 ? term.values[0] : undefined
}

/** The term in words, for messages. */
export function describeTerm(term: ConditionTerm): string {
  if (term.kind === 'null') return 'null'
  if (term.kind === 'not-null') return 'not null'
  const words = term.values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  return words.length === 1 ? words.join('') : `one of ${words.join(', ')}`
}

function isNotNull(value: unknown): value is NotNull {
  return typeof value === 'object' && value !== null && '~onerow' in value && value['~onerow'] === 'not-null'
}

function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}

/** 7 and 7n are one number to a database. */
function sameScalar(a: Scalar, b: unknown): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return Number.isInteger(b) && a === BigInt(b)
  if (typeof a === 'number' && typeof b === 'bigint') return Number.isInteger(a) && BigInt(a) === b
  return a === b
}
