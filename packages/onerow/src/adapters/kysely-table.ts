import { table } from '../table.ts'
import type { Table } from '../table.ts'

/** The part of Kysely's `InsertQueryBuilder` that tells of its table; declared here so that onerow does not depend on `kysely`. */
export interface KyselyInsertLike {
  columns(columns: never): { toOperationNode(): InsertNodeLike }
  values(row: never): unknown
  returningAll(): { execute(): Promise<readonly unknown[]> }
}

interface InsertNodeLike {
  readonly into?: {
    readonly table: { readonly schema?: IdentifierLike; readonly identifier: IdentifierLike }
  }
  readonly columns?: readonly { readonly column: IdentifierLike }[]
}

interface IdentifierLike {
  readonly name: string
}

/** The table's `Selectable`. */
type RowOf<Into extends KyselyInsertLike> =
  Awaited<ReturnType<ReturnType<Into['returningAll']>['execute']>> extends readonly (infer Row extends
    object)[]
    ? Row
    : never

/** The table's `Insertable`: what `values()` takes for one row, but for the expressions that it takes as well. */
type InsertOf<Into extends KyselyInsertLike> = Values<
  Exclude<Parameters<Into['values']>[0], readonly unknown[] | SqlExpression>
>

type Values<Row> = { [P in keyof Row]: Exclude<Row[P], SqlExpression> }

type SqlExpression = { toOperationNode(): unknown } | ((...builder: never) => unknown)

/** Names, in the error, the columns that a list leaves out. */
type EveryColumn<Row, Columns extends readonly unknown[]> = [Exclude<keyof Row, Columns[number]>] extends [
  never,
]
  ? unknown
  : { readonly 'these columns are missing': Exclude<keyof Row, Columns[number]> }

/** What a table is besides its columns. */
export interface KyselyTableOptions<Row> {
  /** The columns of the primary key; `updateOrCreate` refuses to change them. */
  readonly primaryKey?: readonly (keyof Row & string)[]
}

/**
 * Makes a table of a Kysely's own: its rows are the table's `Selectable`, what makes a new one is its `Insertable`. Nothing
 * is sent; the names in the database are those that the Kysely itself would write, by its plugins (`CamelCasePlugin`) and
 * its `withSchema`.
 *
 * @param into `db.insertInto('document')`
 * @param columns every column of the table's type: a list that leaves one out does not compile
 * @returns the table, to declare keys on with `uniqueKey`
 * @throws `TypeError` when a plugin leaves nothing of the table or its columns, or gives two of them one name
 * @example
 * ```ts
 * import { type Generated, Kysely, PostgresDialect } from 'kysely'
 * import { uniqueKey } from 'onerow'
 * import { kyselyTable } from 'onerow/kysely'
 * import { Pool } from 'pg'
 *
 * interface Database {
 *   race: { id: Generated<number>; user_id: string; name: string }
 * }
 * const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool() }) })
 *
 * const races = kyselyTable(db.insertInto('race'), ['id', 'user_id', 'name'], { primaryKey: ['id'] })
 * const byUser = uniqueKey(races, ['user_id'], { name: 'race_user_id' })
 * ```
 */
export function kyselyTable<
  Into extends KyselyInsertLike,
  const Columns extends readonly (keyof RowOf<Into> & string)[],
>(
  into: Into,
  columns: Columns & EveryColumn<RowOf<Into>, Columns>,
  options: KyselyTableOptions<RowOf<Into>> = {},
): Table<RowOf<Into>, InsertOf<Into>> {
  // The builder's own type says which names; here they are any.
  const { into: node, columns: nodes } = into.columns(columns as never).toOperationNode()
  const names = columns.map((property, index) => [property, nodes?.[index]?.column.name ?? ''])
  return table<RowOf<Into>, InsertOf<Into>>(node?.table.identifier.name ?? '', {
    // Every column of the row is in the list, or it would not have compiled.
    columns: Object.fromEntries(names) as { [P in keyof RowOf<Into>]-?: string },
    ...(node?.table.schema && { schema: node.table.schema.name }),
    ...(options.primaryKey && { primaryKey: options.primaryKey }),
  })
}
