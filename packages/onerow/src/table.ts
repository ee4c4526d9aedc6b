/** How one property of a row is stored. */
export interface Column {
  /** Its place among the table's columns, from 0. */
  readonly index: number
  /** The property's name in TypeScript. */
  readonly property: string
  /** The column's name in the database. */
  readonly name: string
  /** Turns the property's value into what the driver takes. Not called for `null`. */
  readonly encode?: ((value: unknown) => unknown) | undefined
  /** Turns what the driver gives into the property's value. Not called for `null`. */
  readonly decode?: ((stored: unknown) => unknown) | undefined
  /** Gives a new row's value where the call gives none, in place of a default of the database's. */
  readonly default?: (() => unknown) | undefined
  /** Gives the value that every update sets where the call gives none. It is set when another value changes, and only then. */
  readonly onUpdate?: (() => unknown) | undefined
}

/** A column with a codec of its own, for values that the driver does not map as the application wants them. */
export interface ColumnOptions<Value> {
  /** The column's name in the database. */
  readonly name: string
  /** Turns the property's value into what the driver takes. Not called for `null`. */
  encode?(value: NonNullable<Value>): unknown
  /** Turns what the driver gives into the property's value. Not called for `null`. */
  decode?(stored: unknown): NonNullable<Value>
  /**
   * Gives a new row's value where the call gives none, in place of a default of the database's. May be called for a row that
   * then is found.
   */
  default?(): Value
  /** Gives the value that every update sets where the call gives none. It is set when another value changes, and only then. */
  onUpdate?(): Value
}

/** A table as data, without the types of its rows. */
export interface TableDefinition {
  readonly name: string
  readonly schema: string | undefined
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  /**
   * Makes of a row what users of the data tool know: an instance of a model, an entity. Gets the values by property, and the
   * `client` of the database that the call runs on. Without it a row is the plain object.
   */
  readonly toRow?: ((values: object, client: unknown) => object) | undefined
}

/** A table whose rows read as `Row` and are inserted as `Insert`. Made by {@link table}. */
export interface Table<Row extends object = object, Insert extends object = object> extends TableDefinition {
  /** Only types live here; there is no value at run time. */
  readonly '~types'?: { readonly row: Row; readonly insert: Insert }
}

/** What a table is besides its name. */
export interface TableOptions<Row extends object> {
  /** The column behind each property of `Row`: its name, or its name and a codec. */
  readonly columns: { readonly [P in keyof Row]-?: string | ColumnOptions<Row[P]> }
  /** The schema that holds the table; without it, the connection's search path decides. */
  readonly schema?: string
  /** The properties of the primary key; `updateOrCreate` refuses to change them. */
  readonly primaryKey?: readonly (keyof Row & string)[]
  /**
   * Makes of a row what users of the data tool know, for adapters. Gets the values by property, decoded, and the `client`
   * of the database that the call runs on.
   */
  readonly toRow?: (values: Row, client: unknown) => object
}

/**
 * Declares a table: which column stands behind each property of a row.
 *
 * @returns the table, to declare keys on with `uniqueKey`.
 * @throws `TypeError` when a name is empty or two properties share a column.
 * @example
 * ```ts
 * interface Race { id: number; userId: string; name: string }
 * const races = table<Race, Omit<Race, 'id'>>('race', {
 *   columns: { id: 'id', userId: 'user_id', name: 'name' },
 * })
 * ```
 */
export function table<Row extends object, Insert extends object = Row>(
  name: string,
  options: TableOptions<Row>,
): Table<Row, Insert> {
  if (!name) throw new TypeError('A table needs a name: table("document", { columns: { … } }).')
  const given: TableOptions<Row> | undefined = options
  if (typeof given?.columns !== 'object' || Object.keys(given.columns).length === 0)
    throw new TypeError(`Table "${name}" needs its columns: { columns: { property: 'column', … } }.`)
  const columns = Object.entries(options.columns).map(([property, column]: [string, unknown], index) =>
    toColumn(name, { property, index }, column),
  )
  const taken = new Map<string, string>()
  for (const column of columns) {
    const other = taken.get(column.name)
    if (other !== undefined)
      throw new TypeError(
        `Table "${name}": the properties "${other}" and "${column.property}" both name the column "${column.name}".`,
      )
    taken.set(column.name, column.property)
  }
  const primaryKey = options.primaryKey ?? []
  for (const property of primaryKey) {
    if (!columns.some((column) => column.property === property))
      throw new TypeError(
        `Table "${name}": the primary key names "${property}", which is not in \`columns\`.`,
      )
  }
  // The statements select every column under its property: the values are what TableOptions says of them.
  const toRow = options.toRow as TableDefinition['toRow']
  return { name, schema: options.schema, columns, primaryKey, toRow }
}

function toColumn(
  tableName: string,
  { property, index }: Pick<Column, 'property' | 'index'>,
  column: unknown,
): Column {
  const options = typeof column === 'string' ? { name: column } : column
  if (!isColumnOptions(options) || options.name === '')
    throw new TypeError(`Table "${tableName}": the property "${property}" needs the name of its column.`)
  // Statements that find or insert say which it was in a column of this name, beside the row's own.
  if (property === 'onerow')
    throw new TypeError(
      `Table "${tableName}": no property may be called "onerow"; give the column another property.`,
    )
  const { encode, decode, default: makeDefault, onUpdate } = options
  for (const [which, given] of Object.entries({ encode, decode, default: makeDefault, onUpdate })) {
    if (given !== undefined && typeof given !== 'function')
      throw new TypeError(`Table "${tableName}": \`${which}\` of "${property}" must be a function.`)
  }
  return {
    property,
    index,
    name: options.name,
    // Called on their object: the options may be an instance of a class.
    encode: encode && ((value) => encode.call(options, value)),
    decode: decode && ((stored) => decode.call(options, stored)),
    default: makeDefault && (() => makeDefault.call(options)),
    onUpdate: onUpdate && (() => onUpdate.call(options)),
  }
}

/** The table's type parameter ties each codec to its property; behind it, values travel as unknown. */
function isColumnOptions(value: unknown): value is Omit<Column, 'property' | 'index'> {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

/** The table's name as people write it, for messages. */
export function tableName(table: TableDefinition): string {
  return table.schema === undefined ? table.name : `${table.schema}.${table.name}`
}
