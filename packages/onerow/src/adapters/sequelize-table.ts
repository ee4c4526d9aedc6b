import { table } from '../table.ts'
import type { ColumnOptions, Table } from '../table.ts'

/** The part of an attribute of a Sequelize model that onerow reads. */
interface Attribute {
  readonly field?: string
  readonly type: unknown
  readonly defaultValue?: unknown
}

/** The types that Sequelize's types give an instance of a model. */
interface Instance {
  readonly _attributes: object
  readonly _creationAttributes: object
}

/** The part of a Sequelize model that onerow calls; declared here so that onerow does not depend on `sequelize`. */
export interface SequelizeModelLike<M = unknown> {
  new (...given: never[]): M
  readonly name: string
  readonly sequelize?: object
  readonly primaryKeyAttributes: readonly string[]
  readonly options: {
    readonly timestamps?: boolean
    readonly createdAt?: string | boolean
    readonly updatedAt?: string | boolean
  }
  getTableName(): string | { readonly tableName: string; readonly schema: string; readonly delimiter: string }
  getAttributes(): Readonly<Record<string, Attribute>>
  build(values: never, options: { isNewRecord: boolean; raw: boolean }): object
}

/** The table of a Sequelize model. */
export interface SequelizeTable<M extends object = object, Insert extends object = object> extends Table<
  M,
  Insert
> {
  readonly model: SequelizeModelLike
}

type AttributesOf<M extends Instance> = M['_attributes']

/** A row is an instance of the model; its attributes are named beside, should the class not declare them. */
type RowOf<M extends Instance> = M & AttributesOf<M>

type Nullish<Values, P extends keyof Values> = undefined extends Values[P]
  ? P
  : null extends Values[P]
    ? P
    : never

/** As Sequelize's own `CreationAttributes`: what can be undefined or null may be left out. */
type Optional<Values> = {
  [P in keyof Values as P extends Nullish<Values, P> ? never : P]: Values[P]
} & {
  [P in keyof Values as Nullish<Values, P>]?: Values[P]
}

/** What Sequelize does not tell in its types of the Sequelize that a model is initialised with. */
interface Internals {
  readonly constructor: { readonly Utils: { readonly SequelizeMethod: new () => object } }
  readonly options: { readonly timezone: string }
  readonly dialect: { readonly supports: { readonly schemas?: boolean } }
  getDialect(): string
  getQueryInterface(): { readonly queryGenerator: QueryGenerator }
}

interface QueryGenerator {
  format(
    value: unknown,
    attribute: Attribute,
    options: { readonly context: 'INSERT' },
    bindParam: (value: unknown) => string,
  ): string
}

/**
 * The table of a Sequelize model, for `uniqueKey`. Its rows are instances of the model, as `Model.findOne` gives them; values
 * are stored as `Model.create` stores them, with the model's default values and timestamps. Its setters, validations and
 * hooks are not run.
 *
 * @param model initialised, by `Model.init` or `sequelize.define`
 * @throws `TypeError` when the model is not initialised
 * @example
 * ```ts
 * import { uniqueKey } from 'onerow'
 * import { sequelizeTable } from 'onerow/sequelize'
 * import { DataTypes, Sequelize } from 'sequelize'
 *
 * const sequelize = new Sequelize('postgres://localhost/app')
 * const Tag = sequelize.define('tag', { word: DataTypes.STRING })
 * const byWord = uniqueKey(sequelizeTable(Tag), ['word'], { name: 'tag_word' })
 * ```
 */
export function sequelizeTable<M extends Instance>(
  model: SequelizeModelLike<M>,
): SequelizeTable<RowOf<M>, Optional<M['_creationAttributes']>> {
  if (!model.sequelize)
    throw new TypeError(`Initialise the model ${model.name} before its table is made: ${model.name}.init(…).`)
  const columns = Object.entries(model.getAttributes())
    .filter(([, { type }]) => keyOf(type) !== 'VIRTUAL')
    .map(([property, attribute]) => [property, columnOf(model, property, attribute)])
  const { name, schema } = nameOf(model)
  const made = table<RowOf<M>, Optional<M['_creationAttributes']>>(name, {
    // The model's own attributes, by which its types are made.
    columns: Object.fromEntries(columns),
    ...(schema === undefined ? {} : { schema }),
    primaryKey: model.primaryKeyAttributes as readonly (keyof RowOf<M> & string)[],
    // As Sequelize makes instances of the rows that it has read: they have not changed, and `save` updates.
    toRow: (values) => model.build(values as never, { isNewRecord: false, raw: true }),
  })
  return { ...made, model }
}

function columnOf(model: SequelizeModelLike, property: string, attribute: Attribute): ColumnOptions<unknown> {
  const sequelize = internals(model)
  const single = singleOf(attribute.type, sequelize)
  const decode = single ? single.asText : parserOf(attribute.type, sequelize)
  return {
    name: attribute.field ?? property,
    encode(value) {
      const given = bound(sequelize, property, attribute, value)
      // With all of its bits, the column would never be found equal to it.
      return single && typeof given === 'number' ? Math.fround(given) : given
    },
    ...(decode && { decode: (stored: unknown) => decode(stored) as NonNullable<unknown> }),
    ...valuesOf(model, property, attribute),
  }
}

/** What Sequelize binds for the value when it inserts it. */
function bound(sequelize: Internals, property: string, attribute: Attribute, value: unknown): unknown {
  let given: unknown
  const { queryGenerator } = sequelize.getQueryInterface()
  const text = queryGenerator.format(value, attribute, { context: 'INSERT' }, (param) => {
    given = param
    return '?'
  })
  if (text === '?') return given
  throw new TypeError(
    `onerow cannot store "${property}": Sequelize writes a value of its type as SQL, "${text}".`,
  )
}

/** The default value and the timestamps that Sequelize itself gives. */
function valuesOf(model: SequelizeModelLike, property: string, { defaultValue }: Attribute) {
  const { timestamps = true, createdAt, updatedAt } = model.options
  const isTimestamp = (option: string | boolean | undefined, name: string): boolean =>
    timestamps && option !== false && property === (typeof option === 'string' ? option : name)
  // Where an instance takes them from: a function is called anew for each, and UUIDV4 makes one.
  const { _defaultValues } = model as unknown as { readonly _defaultValues: DefaultValues }
  // SQL, such as `sequelize.fn('now')`, cannot be bound; where `sync` made the table, it is the default of the column, too.
  const ofModel = isSql(model, defaultValue) ? undefined : _defaultValues[property]
  const ofTimestamp = () => ofModel?.() ?? new Date()
  if (isTimestamp(updatedAt, 'updatedAt')) return { default: ofTimestamp, onUpdate: ofTimestamp }
  if (isTimestamp(createdAt, 'createdAt')) return { default: ofTimestamp }
  return ofModel ? { default: ofModel } : {}
}

type DefaultValues = Readonly<Record<string, (() => unknown) | undefined>>

function isSql(model: SequelizeModelLike, value: unknown): boolean {
  return value instanceof internals(model).constructor.Utils.SequelizeMethod
}

function nameOf(model: SequelizeModelLike): { readonly name: string; readonly schema?: string } {
  const name = model.getTableName()
  if (typeof name === 'string') return { name }
  const { tableName, schema, delimiter } = name
  if (!schema) return { name: tableName }
  // Where Sequelize has no schemas, it makes them part of the name.
  return internals(model).dialect.supports.schemas === true
    ? { name: tableName, schema }
    : { name: `${schema}${delimiter || '.'}${tableName}` }
}

function internals(model: SequelizeModelLike): Internals {
  return model.sequelize as unknown as Internals
}

function keyOf(type: unknown): unknown {
  return typeof type === 'object' && type !== null && 'key' in type ? type.key : undefined
}

type Decode = (stored: unknown) => unknown

/** On SQLite Sequelize's parsers go by the declared type of a column that it reads; elsewhere they are given to the driver. */
function parserOf(type: unknown, sequelize: Internals): Decode | undefined {
  const { parse } = (Object(type) as object).constructor as { readonly parse?: unknown }
  if (sequelize.getDialect() !== 'sqlite' || typeof parse !== 'function') return undefined
  return (stored) => parse(stored, sequelize.options) as unknown
}

/** A FLOAT of MariaDB and MySQL, which has 32 bits, where a number of JavaScript has 64; with more than 24 digits it is a DOUBLE. */
function singleOf(type: unknown, sequelize: Internals): { readonly asText: Decode } | undefined {
  const dialect = sequelize.getDialect()
  if (keyOf(type) !== 'FLOAT' || (dialect !== 'mariadb' && dialect !== 'mysql')) return undefined
  const { _length: length = 0, _decimals: decimals } = type as FloatType
  // Without a length, Sequelize leaves the decimals out of the column's type.
  const scale = length > 0 ? decimals : undefined
  if (scale === undefined && length > 24) return undefined
  // As Sequelize gets it: in the answer to a statement without bound values, such a number is written with few digits.
  const asText = (stored: number) => (scale === undefined ? stored.toPrecision(6) : stored.toFixed(scale))
  return { asText: (stored) => (typeof stored === 'number' ? Number(asText(stored)) : stored) }
}

/** What Sequelize does not tell in its types of its FLOAT (lib/data-types.js). */
interface FloatType {
  readonly _length?: number
  readonly _decimals?: number
}
