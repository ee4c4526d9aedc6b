import { table } from '../table.ts'
import type { ColumnOptions, Table } from '../table.ts'

/** The part of a table of Drizzle's that onerow reads the types from. */
export interface DrizzleTableLike {
  readonly $inferSelect: object
  readonly $inferInsert: object
}

export interface DrizzleTableOptions {
  /** The `casing` that `drizzle()` was given, which names the columns that have no name of their own. */
  readonly casing?: 'snake_case' | 'camelCase' | undefined
}

/** What a column of Drizzle's has at run time. */
interface DrizzleColumn {
  readonly name: string
  /** The name is the property's, for want of another. */
  readonly keyAsName: boolean
  readonly primary: boolean
  readonly columnType: string
  readonly scale?: number | undefined
  readonly default?: unknown
  readonly defaultFn?: () => unknown
  readonly onUpdateFn?: () => unknown
  mapToDriverValue(value: unknown): unknown
  mapFromDriverValue(stored: unknown): NonNullable<unknown>
}

const entityKind = Symbol.for('drizzle:entityKind')

type DrizzleColumns = Readonly<Record<string, DrizzleColumn>>

/**
 * Makes onerow's table of one of Drizzle's: rows read and are written as Drizzle itself reads and writes them, `$defaultFn` and
 * `$onUpdateFn` with them.
 *
 * @param source from `pgTable`, `mysqlTable` or `sqliteTable`
 * @returns the table, to declare keys on with `uniqueKey`
 * @throws `TypeError` when `source` is no table of Drizzle's
 * @example
 * ```ts
 * import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
 * import { uniqueKey } from 'onerow'
 * import { drizzleTable } from 'onerow/drizzle'
 *
 * const documents = pgTable('document', {
 *   id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
 *   userId: bigint('user_id', { mode: 'bigint' }).notNull(),
 *   documentType: text('document_type', { enum: ['PAN_CARD', 'SALARY_SLIP'] }).notNull(),
 *   deletedAt: timestamp('deleted_at'),
 * })
 *
 * export const identityCard = uniqueKey(drizzleTable(documents), ['userId', 'documentType'], {
 *   name: 'unique_user_unique_document_type',
 *   condition: { documentType: 'PAN_CARD', deletedAt: null },
 * })
 * ```
 */
export function drizzleTable<Source extends DrizzleTableLike>(
  source: Source,
  { casing }: DrizzleTableOptions = {},
): Table<Source['$inferSelect'], Source['$inferInsert']> {
  // Drizzle keeps what a table is under symbols of the global registry, so that its copies know each other's tables.
  const read = (what: string): unknown => Reflect.get(source, Symbol.for(`drizzle:${what}`))
  if (read('IsDrizzleTable') !== true)
    throw new TypeError('drizzleTable needs a table of Drizzle: pgTable(…), mysqlTable(…) or sqliteTable(…).')
  // An alias has another name; its rows are the table's.
  const name = String(read('OriginalName'))
  const schema = read('Schema')
  const columns = read('Columns') as DrizzleColumns
  const made = table<Record<string, unknown>>(name, {
    columns: Object.fromEntries(
      Object.entries(columns).map(([property, column]) => [property, columnOptions(column, casing)]),
    ),
    ...(typeof schema === 'string' && { schema }),
  })
  let primaryKey: readonly string[] | undefined
  return {
    ...made,
    // Found when it is asked for: where Drizzle has it declared, there can be other tables, not declared yet.
    get primaryKey() {
      return (primaryKey ??= primaryKeyOf(columns, read))
    },
  }
}

/** The properties whose columns say so themselves, and those of a `primaryKey({ columns: […] })` beside the columns. */
function primaryKeyOf(columns: DrizzleColumns, read: (what: string) => unknown): readonly string[] {
  const declare = read('ExtraConfigBuilder') as ((columns: unknown) => object) | undefined
  const declared = Object.values(declare?.(read('ExtraConfigColumns') ?? columns) ?? {}).flat() as object[]
  const composite = declared
    .filter((part) => String(Reflect.get(part.constructor, entityKind)).endsWith('PrimaryKeyBuilder'))
    .flatMap((part) => ('columns' in part ? part.columns : [])) as DrizzleColumn[]
  const names = new Set(composite.map((column) => column.name))
  return Object.entries(columns)
    .filter(([, column]) => column.primary || names.has(column.name))
    .map(([property]) => property)
}

function columnOptions(column: DrizzleColumn, casing: DrizzleTableOptions['casing']): ColumnOptions<unknown> {
  const { default: databaseDefault, defaultFn, onUpdateFn } = column
  // As Drizzle's INSERT has it: what an update sets is set in a new row too, if nothing else is.
  const makeDefault = defaultFn ?? (databaseDefault ? undefined : onUpdateFn)
  return {
    name: column.keyAsName ? cased(column.name, casing) : column.name,
    encode: (value) => encoded(column, column.mapToDriverValue(encoded(column, value))),
    decode: (stored) => decoded(column, stored),
    ...(makeDefault && { default: makeDefault }),
    ...(onUpdateFn && { onUpdate: onUpdateFn }),
  }
}

function encoded(column: DrizzleColumn, value: unknown): unknown {
  // Drizzle can write SQL in the place of a value; what onerow sends is bound.
  if (typeof value === 'object' && value !== null && 'getSQL' in value)
    throw new TypeError(
      `The value of the column "${column.name}" is SQL, which cannot be bound: give a value, or let the database have it as its default.`,
    )
  // As it will be stored; otherwise it would not be equal to what is stored.
  return column.columnType === 'MySqlFloat' && typeof value === 'number' ? Math.fround(value) : value
}

function decoded(column: DrizzleColumn, stored: unknown): NonNullable<unknown> {
  // Drizzle selects this type as text; as a number it has lost its last digits.
  if (
    column.columnType === 'SQLiteNumericBigInt' &&
    typeof stored === 'number' &&
    !Number.isSafeInteger(stored)
  )
    throw new RangeError(
      `The number in the column "${column.name}" is too large to be read from SQLite without loss.`,
    )
  // In the text that Drizzle selects it has six digits, or those of its scale: 0.1, not 0.10000000149011612.
  if (column.columnType === 'MySqlFloat' && typeof stored === 'number')
    return Number(column.scale === undefined ? stored.toPrecision(6) : stored.toFixed(column.scale))
  // What libsql gives for a blob, Drizzle makes a Buffer of when it selects.
  return column.mapFromDriverValue(stored instanceof ArrayBuffer ? Buffer.from(stored) : stored)
}

/** The name of a column as Drizzle makes it of a property (casing.js). */
function cased(property: string, casing: DrizzleTableOptions['casing']): string {
  if (casing === undefined) return property
  const words = property.replaceAll(/['\u2019]/g, '').match(/[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g) ?? []
  if (casing === 'snake_case') return words.map((word) => word.toLowerCase()).join('_')
  const [first = '', ...others] = words
  return first.toLowerCase() + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
