import { table } from '../table.ts'
import type { ColumnOptions, Table, TableOptions } from '../table.ts'

/** The part of TypeORM's `EntityMetadata` that onerow reads. */
interface MetadataLike {
  readonly tableName: string
  /** The table's name with its schema, database or attached file before it. */
  readonly tablePath: string
  readonly columns: readonly ColumnLike[]
  readonly primaryColumns: readonly ColumnLike[]
  readonly discriminatorColumn?: ColumnLike
  readonly discriminatorValue?: string
  readonly parentEntityMetadata: MetadataLike | undefined
  readonly childEntityMetadatas: readonly MetadataLike[]
  create(runner: never, options: { fromDeserializer: true }): object
}

/** The part of TypeORM's `ColumnMetadata` that onerow reads. */
interface ColumnLike {
  /** With a dot where the column is in an embedded object. */
  readonly propertyPath: string
  readonly databaseName: string
  readonly type: unknown
  readonly scale?: number
  readonly generationStrategy?: string
  readonly isSelect: boolean
  /** Not a property of the entity: the column of a relation, or what tells the classes of one table apart. */
  readonly isVirtual: boolean
  /** Computed by a query; not a column of the table. */
  readonly isVirtualProperty: boolean
  readonly isDiscriminator: boolean
  readonly isUpdateDate: boolean
  readonly isVersion: boolean
  readonly relationMetadata?: { readonly propertyPath: string; readonly joinColumns: readonly unknown[] }
  readonly referencedColumn: ColumnLike | undefined
  getEntityValue(entity: object): unknown
  setEntityValue(entity: object, value: unknown): void
}

/** The part of TypeORM's drivers that turns values of entities into those of the database, and back. */
export interface TypeOrmDriverLike {
  readonly options: { readonly type: string }
  preparePersistentValue(value: unknown, column: ColumnLike): unknown
  prepareHydratedValue(stored: unknown, column: ColumnLike): unknown
  isUUIDGenerationSupported(): boolean
}

/** The part of TypeORM's `Repository` that onerow reads. */
export interface TypeOrmRepositoryLike<Entity> {
  readonly metadata: MetadataLike
  readonly manager: {
    readonly dataSource: { readonly isInitialized: boolean; readonly driver: TypeOrmDriverLike }
  }
  findOneByOrFail(where: never): Promise<Entity>
}

/** What `create` may say of an entity: any of its properties, but no methods. TypeORM's types do not tell which it must. */
export type EntityValues<Entity> = {
  readonly [P in keyof Entity as Entity[P] extends (...args: never[]) => unknown ? never : P]?: Entity[P]
}

/**
 * The table of an entity, as its metadata describe it. Rows are entities, as `find` gives them without relations.
 *
 * @typeParam Insert what a new row needs, where `create` is to demand it: TypeORM's types do not tell
 * @typeParam Row the entity and the columns of its embedded objects, by names such as `'address.city'`, where a key has them
 * @param repository of an initialized data source
 * @returns the table, to declare keys on with `uniqueKey`
 * @throws `TypeError` when the data source is not initialized, as only then it knows its entities
 * @example
 * ```ts
 * import { uniqueKey } from 'onerow'
 * import { typeOrmTable } from 'onerow/typeorm'
 * import type { DataSource } from 'typeorm'
 *
 * interface Race { id: number; userId: string; name: string }
 * type NewRace = Omit<Race, 'id'>
 * declare const dataSource: DataSource
 *
 * const races = typeOrmTable<Race, NewRace>(dataSource.getRepository('Race'))
 * const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
 * ```
 */
export function typeOrmTable<
  Entity extends object,
  Insert extends object = EntityValues<Entity>,
  Row extends Entity = Entity,
>(repository: TypeOrmRepositoryLike<Entity>): Table<Row, Insert> {
  const { isInitialized, driver } = repository.manager.dataSource
  if (!isInitialized)
    throw new TypeError('The data source knows its entities only after `await dataSource.initialize()`.')
  const { metadata } = repository
  const { tableName, tablePath } = metadata
  const columns = metadata.columns.filter((column) => !column.isVirtualProperty)
  const schema = tablePath.slice(0, -tableName.length - 1)
  const options = {
    columns: Object.fromEntries(
      columns.map((column) => [propertyOf(column), codec(column, metadata, driver)]),
    ),
    primaryKey: metadata.primaryColumns.map(propertyOf),
    toRow: (values: object, client: unknown) => toEntity(metadata, values, { driver, client }),
  }
  // TypeORM has made the metadata from the class or the schema of which Entity is the type.
  return table<Row, Insert>(tableName, {
    ...(schema && { schema }),
    ...(options as unknown as TableOptions<Row>),
  })
}

/** By its relation a column is known to the entity's users, unless the entity has a property for it. */
function propertyOf({ propertyPath, isVirtual, relationMetadata }: ColumnLike): string {
  return isVirtual && relationMetadata?.joinColumns.length === 1
    ? relationMetadata.propertyPath
    : propertyPath
}

function codec(
  column: ColumnLike,
  metadata: MetadataLike,
  driver: TypeOrmDriverLike,
): ColumnOptions<unknown> {
  return {
    name: column.databaseName,
    encode(value) {
      const stored = driver.preparePersistentValue(ownValue(value, column), column)
      // For a Boolean it gives a number, which PostgreSQL does not compare with a boolean in a key's condition.
      if (column.type === Boolean && driver.options.type === 'postgres') return stored === 1
      // With all of its bits, the column would never be found equal to it.
      return typeof stored === 'number' && isSingle(column, driver) ? Math.fround(stored) : stored
    },
    ...defaultOf(column, metadata, driver),
    ...(column.isUpdateDate && { onUpdate: () => new Date() }),
  }
}

/** Of a related entity, what the column refers to. */
function ownValue(value: object, { referencedColumn }: ColumnLike): unknown {
  const isEntity = typeof value === 'object' && !(value instanceof Date) && !(value instanceof Uint8Array)
  return referencedColumn && isEntity ? referencedColumn.getEntityValue(value) : value
}

/** What TypeORM's INSERT gives a column, and the database does not. */
function defaultOf(
  column: ColumnLike,
  { discriminatorValue }: MetadataLike,
  driver: TypeOrmDriverLike,
): Pick<ColumnOptions<unknown>, 'default'> {
  if (column.isVersion) return { default: () => 1 }
  if (column.isDiscriminator) return { default: () => discriminatorValue }
  if (column.generationStrategy === 'uuid' && !driver.isUUIDGenerationSupported())
    return { default: () => crypto.randomUUID() }
  return {}
}

interface Context {
  readonly driver: TypeOrmDriverLike
  /** The entity manager. */
  readonly client: unknown
}

function toEntity(metadata: MetadataLike, values: object, { driver, client }: Context): object {
  const stored = new Map<string, unknown>(Object.entries(values))
  const ofRow = classOf(metadata, stored)
  // Lazy relations of the entity are loaded on it.
  const { queryRunner } = client as { readonly queryRunner: never }
  const entity = ofRow.create(queryRunner, { fromDeserializer: true })
  for (const column of ofRow.columns) {
    const property = propertyOf(column)
    if (column.isSelect && !column.isVirtual && stored.has(property))
      column.setEntityValue(
        entity,
        driver.prepareHydratedValue(asText(stored.get(property), column, driver), column),
      )
  }
  return entity
}

/** Whether it has the 32 bits of a FLOAT of MariaDB and MySQL, where a number of JavaScript has 64. */
function isSingle({ type }: ColumnLike, { options }: TypeOrmDriverLike): boolean {
  return type === 'float' && (options.type === 'mariadb' || options.type === 'mysql')
}

/** As TypeORM gets it: in the answer to a statement without bound values, such a number is written with few digits. */
function asText(stored: unknown, column: ColumnLike, driver: TypeOrmDriverLike): unknown {
  if (typeof stored !== 'number' || !isSingle(column, driver)) return stored
  return Number(column.scale === undefined ? stored.toPrecision(6) : stored.toFixed(column.scale))
}

/** With single table inheritance, the class that the row says it is of. */
function classOf(metadata: MetadataLike, stored: ReadonlyMap<string, unknown>): MetadataLike {
  const { discriminatorColumn, childEntityMetadatas, parentEntityMetadata } = metadata
  if (!discriminatorColumn) return metadata
  const value = stored.get(propertyOf(discriminatorColumn))
  const found = [...childEntityMetadatas, metadata].find((one) => one.discriminatorValue === value)
  if (!found && parentEntityMetadata)
    throw new TypeError(
      `The row with this key is not of the entity that was asked for, but "${String(value)}". ` +
        'Where each entity of the table is to have its own, the key needs a condition on ' +
        `"${propertyOf(discriminatorColumn)}".`,
    )
  return found ?? metadata
}
