import { table } from '../table.ts'
import type { ColumnOptions, Table } from '../table.ts'

/** The part of MikroORM's `EntityRepository` that a table is made of; declared here so that onerow does not depend on it. */
export interface MikroOrmRepositoryLike {
  getEntityName(): string
  getEntityManager(): ManagerLike
  map(row: never): object
  insert(data: never): Promise<unknown>
}

interface ManagerLike {
  getPlatform(): PlatformLike
  getMetadata(): { getByClassName(name: string): MetadataLike }
  getDriver(): { getSchemaName(metadata: never, options: { schema?: string }): string | undefined }
  readonly schema: string | undefined
}

interface PlatformLike {
  shouldHaveColumn(
    property: never,
    populate: true,
    exclude: string[],
    formulas: boolean,
    inlineEmbeddables: boolean,
  ): boolean
  getDefaultSchemaName(): string | undefined
}

interface MetadataLike {
  readonly className: string
  readonly tableName: string
  readonly class: EntityClass
  readonly root: RootLike
  readonly discriminatorValue?: number | string
  readonly primaryKeys: readonly string[]
  readonly props: readonly PropertyLike[]
}

type EntityClass = abstract new (...args: never) => object

interface RootLike {
  readonly class: EntityClass
  readonly discriminatorColumn?: string
  readonly discriminatorMap?: Readonly<Record<string, { readonly prototype: unknown }>>
  readonly inheritanceType?: string
}

interface PropertyLike {
  readonly name: string
  readonly kind: string
  readonly fieldNames: readonly string[]
  readonly runtimeType: string
  readonly customType?: { convertToDatabaseValue(value: unknown, platform: never, context: object): unknown }
  readonly hasConvertToJSValueSQL?: boolean
  readonly targetMeta?: MetadataLike
  /** Those that the columns of a relation point to, in the order of `fieldNames`. */
  readonly referencedColumnNames?: readonly string[]
  readonly embeddedProps?: Readonly<Record<string, PropertyLike>>
  readonly version?: boolean
  onCreate?(entity: never, em: never): unknown
  onUpdate?(entity: never, em: never): unknown
}

type EntityOf<Repository extends MikroOrmRepositoryLike> = ReturnType<Repository['map']>

/** What `repository.insert` takes: the entity's `RequiredEntityData`. But no raw SQL, and no collections. */
type InsertOf<Repository extends MikroOrmRepositoryLike, Entity = EntityOf<Repository>> = InsertData<
  Entity,
  Exclude<Parameters<Repository['insert']>[0], Entity>
>

type InsertData<Entity, Data> = {
  [P in keyof Data as P extends CollectionsOf<Entity> ? never : P]: Exclude<Data[P], RawSql>
}

type CollectionsOf<Entity> = {
  [P in keyof Entity]-?: Entity[P] extends { getItems(check?: boolean): unknown } ? P : never
}[keyof Entity]

interface RawSql {
  readonly sql: string
  readonly params: readonly unknown[]
}

/**
 * Makes a table of an entity's metadata. Its rows are entities, managed by the entity manager of the call; a new one takes
 * what `repository.insert` takes.
 *
 * @param repository of the entity; from any entity manager, as nothing is sent
 * @returns the table, to declare keys on with `uniqueKey`
 * @throws `TypeError` when the entity's rows are in several tables, or a type of it reads its column by an SQL expression
 * @example
 * ```ts
 * import { MikroORM, defineEntity, p } from '@mikro-orm/postgresql'
 * import { uniqueKey } from 'onerow'
 * import { mikroOrmTable } from 'onerow/mikro-orm'
 *
 * const Account = defineEntity({
 *   name: 'Account',
 *   properties: { id: p.integer().primary(), email: p.string().unique('account_email'), name: p.string() },
 * })
 * const orm = new MikroORM({ entities: [Account], dbName: 'app' })
 *
 * export const byEmail = uniqueKey(mikroOrmTable(orm.em.getRepository(Account)), ['email'], {
 *   name: 'account_email',
 * })
 * ```
 */
export function mikroOrmTable<Repository extends MikroOrmRepositoryLike>(
  repository: Repository,
): Table<EntityOf<Repository>, InsertOf<Repository>> {
  const em = repository.getEntityManager()
  const platform = em.getPlatform()
  const metadata = em.getMetadata().getByClassName(repository.getEntityName())
  if (metadata.root.inheritanceType === 'tpt')
    throw new TypeError(`Entity "${metadata.className}" has a table for each type: its rows are in several.`)
  // As MikroORM writes it: the schema of the entity, the manager or the configuration, if it is not the default one.
  const named = em.getDriver().getSchemaName(metadata as never, inSchema(em.schema))
  const schema = named === platform.getDefaultSchemaName() ? undefined : named
  const columns: Record<string, ColumnOptions<unknown>> = {}
  for (const property of metadata.props) {
    if (!platform.shouldHaveColumn(property as never, true, [], false, false)) continue
    const { name, fieldNames } = property
    // A relation to a composite key is as many columns, each under its own name; the entity gets the relation of them.
    for (const [index, column] of fieldNames.entries())
      columns[fieldNames.length === 1 ? name : column] = toColumn(property, { index, metadata, platform })
  }
  const made = table(metadata.tableName, {
    columns,
    ...inSchema(schema),
    primaryKey: metadata.primaryKeys.filter((property) => property in columns),
    toRow: (values, client) => toEntity(metadata, { columns, values, schema }, client),
  })
  // The columns are those of the entity's own metadata, which its type describes.
  return made as unknown as Table<EntityOf<Repository>, InsertOf<Repository>>
}

interface Stored {
  readonly columns: Readonly<Record<string, ColumnOptions<unknown>>>
  readonly values: Readonly<Record<string, unknown>>
  readonly schema: string | undefined
}

/** By what MikroORM offers for raw results: `em.map`, which takes them by column, converts, and refreshes what it knows. */
function toEntity(metadata: MetadataLike, { columns, values, schema }: Stored, client: unknown): object {
  refuseOthers(metadata, values)
  const row = Object.fromEntries(
    Object.entries(columns).map(([property, { name }]) => [name, values[property]]),
  )
  // The client is that of `fromMikroOrm`.
  const em = client as { map(entity: unknown, row: object, options: object): object }
  return em.map(metadata.class, row, inSchema(schema))
}

/** `em.map` makes an entity of the type that the row says, whichever is asked for. */
function refuseOthers({ class: asked, root }: MetadataLike, values: Stored['values']): void {
  const { discriminatorColumn, discriminatorMap = {} } = root
  if (discriminatorColumn === undefined || asked === root.class) return
  const value = String(values[discriminatorColumn])
  const found = discriminatorMap[value]
  if (found === asked || found?.prototype instanceof asked) return
  throw new TypeError(
    `The row with this key is not of the entity that was asked for, but "${value}". Where each entity of the table is to ` +
      `have its own, the key needs a condition on "${discriminatorColumn}".`,
  )
}

function inSchema(schema: string | undefined): { readonly schema?: string } {
  return schema === undefined ? {} : { schema }
}

/** Where a value goes: to the column of the property that has this index. */
interface Place {
  readonly index: number
  readonly platform: PlatformLike
}

interface PlaceInEntity {
  readonly index: number
  readonly metadata: MetadataLike
  readonly platform: PlatformLike
}

function toColumn(property: PropertyLike, { metadata, ...place }: PlaceInEntity): ColumnOptions<unknown> {
  if (property.hasConvertToJSValueSQL)
    throw new TypeError(
      `Entity "${metadata.className}": the type of "${property.name}" reads its column by an SQL expression, ` +
        'which onerow does not write.',
    )
  const column = {
    name: property.fieldNames[place.index] ?? property.name,
    encode: (value: unknown) => toStored(unwrapped(value), property, place),
  }
  const { root, discriminatorValue } = metadata
  const isDiscriminator = property.name === root.discriminatorColumn && discriminatorValue !== undefined
  const onCreate = isDiscriminator ? () => discriminatorValue : made(property, 'onCreate')
  const onUpdate = property.version ? nextVersion(property) : made(property, 'onUpdate')
  return { ...column, ...(onCreate && { default: onCreate }), ...(onUpdate && { onUpdate }) }
}

/** MikroORM's `onCreate` and `onUpdate`; there is no entity yet, so one that looks at it has to be given its value. */
function made(property: PropertyLike, hook: 'onCreate' | 'onUpdate'): (() => unknown) | undefined {
  const make = property[hook]
  if (!make) return undefined
  if (make.length === 0) return make as () => unknown
  return refuse(property, `its ${hook} looks at the entity`)
}

/** A number is for the database to count, which a value cannot say; and to leave it would be to hide the change. */
function nextVersion(property: PropertyLike): () => unknown {
  if (property.runtimeType === 'Date') return () => new Date()
  return refuse(property, 'it is the version, so `update` must be a function that adds 1 to that of the row')
}

function refuse({ name }: PropertyLike, reason: string): () => never {
  return () => {
    throw new TypeError(`Give a value for "${name}": ${reason}.`)
  }
}

/** What a `Ref` holds. */
function unwrapped(value: unknown): unknown {
  const isReference = typeof value === 'object' && value !== null && 'unwrap' in value
  return isReference && typeof value.unwrap === 'function' ? value.unwrap() : value
}

/** The value as MikroORM would put it into an INSERT, but for the quotes. */
function toStored(value: unknown, property: PropertyLike, { index, platform }: Place): unknown {
  const { kind, targetMeta, referencedColumnNames = [], customType } = property
  if (kind === 'embedded') return JSON.stringify(toJson(value, property, { platform, json: customType }))
  if (targetMeta) {
    const column = referencedColumnNames[index] ?? ''
    const target = targetMeta.props.find(({ fieldNames }) => fieldNames.includes(column))
    if (!target) return value
    // The key may itself be a relation to a composite key.
    const place = { index: target.fieldNames.indexOf(column), platform }
    return toStored(keyOf(value, property, target), target, place)
  }
  return customType
    ? customType.convertToDatabaseValue(value, platform as never, { mode: 'serialization' })
    : value
}

/** The key of the entity that a relation is given; a key is one already. */
function keyOf(value: unknown, { name, targetMeta }: PropertyLike, target: PropertyLike): unknown {
  if (!targetMeta || !(value instanceof targetMeta.class)) return value
  const key: unknown = unwrapped((value as Readonly<Record<string, unknown>>)[target.name])
  if (key === undefined || key === null)
    throw new TypeError(`The ${targetMeta.className} for "${name}" has no key yet: flush it first.`)
  return key
}

interface JsonColumn {
  readonly platform: PlatformLike
  /** Its own type: MikroORM's `JsonType`, or one made of it. */
  readonly json: object | undefined
}

/**
 * An embeddable as MikroORM stores it in a JSON column: by the names that its properties would have as columns, and each
 * converted by its own type, NULL too. But JSON stays as it is, since it would be text in the text (`EntityComparator`).
 */
function toJson(value: unknown, property: PropertyLike, document: JsonColumn): unknown {
  if (Array.isArray(value)) return value.map((one) => toJson(one, property, document))
  if (typeof value !== 'object' || value === null) return value
  const given = new Map<string, unknown>(Object.entries(value))
  const fields = Object.entries(property.embeddedProps ?? {}).map(([name, child]) => {
    const inside = unwrapped(given.get(name))
    return [child.fieldNames[0], inside === undefined ? inside : toJsonField(inside, child, document)]
  })
  return Object.fromEntries(fields)
}

function toJsonField(value: unknown, child: PropertyLike, document: JsonColumn): unknown {
  const { json, platform } = document
  if (child.kind === 'embedded') return toJson(value, child, document)
  const isJson = json !== undefined && child.customType instanceof json.constructor
  return isJson ? value : toStored(value, child, { index: 0, platform })
}
