import { generatorOf } from './prisma-defaults.ts'
import { isCall, parsePrismaSchema } from './prisma-schema.ts'
import type { Attribute, Block, SchemaValue } from './prisma-schema.ts'

/** A column of a model. */
export interface PrismaField {
  readonly name: string
  readonly column: string
  /** `String`, `Int` and so on; of an enum its name. */
  readonly type: string
  /** Of `@db.Timestamptz(3)`: `Timestamptz`. */
  readonly nativeType: string | undefined
  readonly isList: boolean
  /** How the database spells the names of an enum, where it spells them otherwise; undefined for what is not an enum. */
  readonly spellings: ReadonlyMap<string, string> | undefined
  /** Makes what Prisma itself gives a new row. */
  readonly generator: (() => unknown) | undefined
  readonly isUpdatedAt: boolean
}

/** An `@id`, `@@id`, `@unique` or `@@unique`. */
export interface PrismaKey {
  /** As `where` names it: the field, or the compound. */
  readonly name: string
  readonly fields: readonly string[]
  /** The name of the index. */
  readonly index: string
  readonly isPrimary: boolean
  /** The predicate of a partial index. */
  readonly condition: SchemaValue | undefined
}

export interface PrismaModel {
  readonly name: string
  readonly table: string
  readonly schema: string | undefined
  /** Of the data source: `postgresql`, `mysql`, `sqlite`. */
  readonly provider: string
  readonly fields: readonly PrismaField[]
  readonly keys: readonly PrismaKey[]
  /** The scalar fields that hold a relation; none where the other side does. */
  readonly relations: ReadonlyMap<string, readonly string[]>
}

/** What a Prisma client holds at run time; its types do not tell. */
export interface PrismaInternals {
  /** The one client behind those that extend it and those of its transactions. */
  readonly _originalClient: object
  readonly _activeProvider: string
  readonly _engineConfig: {
    readonly inlineSchema: string
    /** `new PrismaPg(…, { schema })` */
    readonly adapter?: { readonly options?: { readonly schema?: string } }
  }
  readonly _runtimeDataModel: { readonly models: Readonly<Record<string, RuntimeModel>> }
}

interface RuntimeModel {
  readonly dbName: string | null
  readonly schema: string | null
  readonly fields: readonly RuntimeField[]
}

interface RuntimeField {
  readonly name: string
  readonly dbName?: string
  readonly kind: 'scalar' | 'enum' | 'object' | 'unsupported'
  readonly type: string
}

/** What `prisma.user` holds at run time. */
interface DelegateInternals {
  readonly $name: string
  readonly $parent: PrismaInternals
}

const modelsByClient = new WeakMap<object, Map<string, PrismaModel>>()

/** @throws `TypeError` when the delegate is not a model of a Prisma client */
export function modelOf(delegate: object): PrismaModel {
  // Whatever is not there is found to be missing.
  const { $name, $parent } = delegate as Partial<DelegateInternals>
  const runtime = $name === undefined ? undefined : $parent?._runtimeDataModel?.models[$name]
  if ($name === undefined || $parent === undefined || !runtime)
    throw new TypeError('onerow/prisma needs a model as it is on a Prisma client: prismaTable(prisma.user).')
  const models = modelsByClient.get($parent._originalClient) ?? new Map<string, PrismaModel>()
  modelsByClient.set($parent._originalClient, models)
  const model = models.get($name) ?? readModel($name, runtime, $parent)
  models.set($name, model)
  return model
}

function readModel(name: string, runtime: RuntimeModel, client: PrismaInternals): PrismaModel {
  const { inlineSchema, adapter } = client._engineConfig
  // On PostgreSQL Prisma names the schema in each statement, whatever the search path.
  const schema = adapter?.options?.schema ?? (client._activeProvider === 'postgresql' ? 'public' : undefined)
  const blocks = parsePrismaSchema(inlineSchema)
  const block = blocks.get(name) ?? []
  const table = runtime.dbName ?? name
  const fields = runtime.fields
    .filter(({ kind }) => kind === 'scalar' || kind === 'enum')
    .map((field) => toField(field, block, field.kind === 'enum' ? blocks.get(field.type) : undefined))
  const columns = new Map(fields.map((field) => [field.name, field.column]))
  const relations = runtime.fields
    .filter(({ kind }) => kind === 'object')
    .map((field) => {
      const relation = block.find(
        (attribute) => attribute.field === field.name && attribute.call === 'relation',
      )
      return [field.name, names(relation?.args.get('fields'))] as const
    })
  return {
    name,
    table,
    schema: runtime.schema ?? schema,
    provider: client._activeProvider,
    fields,
    keys: block
      .filter(({ call }) => call === 'id' || call === 'unique')
      .map((key) => toKey(key, table, columns)),
    relations: new Map(relations),
  }
}

function toField(
  { name, dbName, type }: RuntimeField,
  block: Block,
  enumeration: Block | undefined,
): PrismaField {
  const own = block.filter((attribute) => attribute.field === name)
  const byDefault = own.find(({ call }) => call === 'default')?.args.get(0)
  const isUpdatedAt = own.some(({ call }) => call === 'updatedAt')
  return {
    name,
    column: dbName ?? name,
    type,
    nativeType: own.find(({ call }) => call.startsWith('db.'))?.call.slice('db.'.length),
    isList: own.some(({ call }) => call === '[]'),
    spellings:
      enumeration &&
      new Map(
        enumeration.flatMap(({ field, call, args }) =>
          field !== undefined && call === 'map' ? [[field, text(args.get(0)) ?? field]] : [],
        ),
      ),
    generator: generatorOf(byDefault, type, enumeration !== undefined),
    isUpdatedAt,
  }
}

function toKey(
  { field, call, args }: Attribute,
  table: string,
  columns: ReadonlyMap<string, string>,
): PrismaKey {
  const fields = field === undefined ? names(args.get('fields') ?? args.get(0)) : [field]
  const isPrimary = call === 'id'
  const parts = [table, ...(isPrimary ? [] : fields.map((name) => columns.get(name) ?? name))]
  return {
    // A `name` counts for a compound only.
    name: (fields.length > 1 ? text(args.get('name')) : undefined) ?? fields.join('_'),
    fields,
    // Prisma's own names for what has no `map`.
    index: text(args.get('map')) ?? `${parts.join('_')}_${isPrimary ? 'pkey' : 'key'}`,
    isPrimary,
    condition: args.get('where'),
  }
}

/** The names in `[userId, title(sort: Desc)]`. */
function names(list: SchemaValue | undefined): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item: SchemaValue) => (isCall(item) ? item.call : (text(item) ?? [])))
}

function text(value: SchemaValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
