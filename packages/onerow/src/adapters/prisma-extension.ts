import { notNull } from '../condition.ts'
import { createUnique } from '../create-unique.ts'
import type { Database } from '../database.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateResult, GetOrCreateValues, WithCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import type { Key, Lazy } from '../key.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { UpdateOrCreateByFunction, UpdateOrCreateResult } from '../update-or-create.ts'
import { modelOf } from './prisma-model.ts'
import type { PrismaKey, PrismaModel } from './prisma-model.ts'
import type { SchemaValue } from './prisma-schema.ts'
import { tableOf } from './prisma-table.ts'
import type { PrismaDelegateLike, PrismaInsert, PrismaRow } from './prisma-table.ts'

type WhereUnique<Delegate extends PrismaDelegateLike> =
  Delegate[symbol]['types']['operations']['findUnique']['args']['where']

type RequiredOf<Where> = Where extends unknown
  ? { [P in keyof Where]-?: Record<never, never> extends Pick<Where, P> ? never : P }[keyof Where]
  : never

/** The unique fields and compounds of a model: in each of the types that Prisma's `WhereUniqueInput` allows, one is required. */
export type PrismaUnique<Delegate extends PrismaDelegateLike> = RequiredOf<WhereUnique<Delegate>>

type UniqueValue<Delegate extends PrismaDelegateLike, Name> = Name extends keyof WhereUnique<Delegate>
  ? NonNullable<WhereUnique<Delegate>[Name]>
  : never

/** The fields of the unique field or compound. */
type FieldsOf<Delegate extends PrismaDelegateLike, Name> = Name extends keyof PrismaRow<Delegate>
  ? Name
  : keyof UniqueValue<Delegate, Name>

/** One unique field or compound, as in `findUnique`, and nothing beside it. */
export interface PrismaLookup<Delegate extends PrismaDelegateLike, Name extends PropertyKey> {
  readonly where: { readonly [P in Name]: UniqueValue<Delegate, P> }
}

/** The values beside the lookup that make a new row, scalars as `createMany` takes them, each a value or a function. */
export type PrismaCreate<Delegate extends PrismaDelegateLike, Name> = {
  readonly [P in keyof PrismaInsert<Delegate> as P extends FieldsOf<Delegate, Name> ? never : P]: Lazy<
    PrismaInsert<Delegate>[P]
  >
}

type Update<Delegate extends PrismaDelegateLike, Name> = Partial<PrismaCreate<Delegate, Name>>

/** What the extension adds to every model. (A type, as Prisma does not take an interface.) */
export type PrismaModelMethods = {
  /** Gives the row with this key; creates it if there is none. As `getOrCreate` of onerow. */
  getOrCreate<Delegate extends PrismaDelegateLike, Name extends PrismaUnique<Delegate>>(
    this: Delegate,
    values: PrismaLookup<Delegate, Name> & WithCreate<PrismaCreate<Delegate, Name>>,
  ): Promise<GetOrCreateResult<PrismaRow<Delegate>>>

  /** Updates the row with this key; creates it if there is none. As `updateOrCreate` of onerow. */
  updateOrCreate<Delegate extends PrismaDelegateLike, Name extends PrismaUnique<Delegate>>(
    this: Delegate,
    values: PrismaLookup<Delegate, Name> & {
      /** The fields to set, or a function of the current row, run under its lock. */
      readonly update:
        | Update<Delegate, Name>
        | ((current: PrismaRow<Delegate>) => Update<Delegate, Name> | Promise<Update<Delegate, Name>>)
    } & WithCreate<PrismaCreate<Delegate, Name>>,
  ): Promise<UpdateOrCreateResult<PrismaRow<Delegate>>>

  /** Creates the row, or says that it exists. As `createUnique` of onerow. */
  createUnique<Delegate extends PrismaDelegateLike, Name extends PrismaUnique<Delegate>>(
    this: Delegate,
    values: PrismaLookup<Delegate, Name> & WithCreate<PrismaCreate<Delegate, Name>>,
  ): Promise<PrismaRow<Delegate>>
}

/** @param open makes a database of the client that a model belongs to: in a transaction, of the transaction's */
export function modelMethods(open: (client: object) => Database): PrismaModelMethods {
  const prepared = (delegate: object, values: object = {}) => {
    // Every model has the client that it is a model of.
    const db = open((delegate as { readonly $parent: object }).$parent)
    const { key, ...others } = keyAndValues(modelOf(delegate), values)
    // PrismaLookup and PrismaCreate say of the model what these say of the key, whose types are not known here.
    return { db, key, values: others as GetOrCreateValues<Key> & UpdateOrCreateByFunction<Key> }
  }
  return {
    async getOrCreate(given) {
      const { db, key, values } = prepared(this, given)
      return getOrCreate(db, key, values)
    },
    async updateOrCreate(given) {
      const { db, key, values } = prepared(this, given)
      return updateOrCreate(db, key, values)
    },
    async createUnique(given) {
      const { db, key, values } = prepared(this, given)
      return createUnique(db, key, values)
    },
  }
}

function keyAndValues(model: PrismaModel, values: object): { readonly key: Key; readonly where: unknown } {
  const { where, ...others }: { readonly where?: object } = values
  for (const [name, given] of Object.entries(others)) refuseNested(model, name, given)
  const { key, value } = uniqueOf(model, where ?? {})
  const lookup = key.fields.length === 1 ? { [key.name]: value } : value
  return { ...others, where: lookup, key: keyOf(model, key) }
}

function uniqueOf(model: PrismaModel, where: object): { readonly key: PrismaKey; readonly value: unknown } {
  const given = Object.entries(where).filter(([, value]) => value !== undefined)
  const [[name, value] = ['', undefined]] = given
  const key = model.keys.find((candidate) => candidate.name === name)
  if (key && given.length === 1) return { key, value }
  const known = model.keys.map((candidate) => candidate.name).join(', ')
  throw new TypeError(
    `\`where\` must name exactly one unique field or compound of ${model.name}, of ${known}; ` +
      `it names ${given.map(([named]) => named).join(', ') || 'none'}.`,
  )
}

/** Prisma's nested writes are for Prisma to do. */
function refuseNested(model: PrismaModel, what: string, values: unknown): void {
  if (typeof values !== 'object' || values === null) return
  for (const name of Object.keys(values)) {
    const scalars = model.relations.get(name)
    if (scalars) {
      const instead =
        scalars.length > 0 ? `give ${scalars.join(', ')} instead` : 'write it by Prisma, afterwards'
      throw new TypeError(`\`${what}\` holds the relation ${model.name}.${name}: ${instead}.`)
    }
  }
}

const keys = new WeakMap<PrismaKey, Key>()

function keyOf(model: PrismaModel, key: PrismaKey): Key {
  const known = keys.get(key)
  if (known) return known
  // The model's fields are the table's properties.
  const condition = conditionOf(model, key) as Record<never, never>
  const made: Key = uniqueKey(tableOf(model), key.fields as readonly never[], { name: key.index, condition })
  keys.set(key, made)
  return made
}

/** What stands in `where` of a partial index, as a key's condition. */
function conditionOf(model: PrismaModel, { condition, fields, index, name }: PrismaKey): object {
  if (condition === undefined) return {}
  const terms =
    condition instanceof Map ? [...condition].map(([field, value]) => [field, conditionValue(value)]) : []
  if (terms.length > 0 && terms.every(([, value]) => value !== undefined)) return Object.fromEntries(terms)
  const delegate = `prisma.${model.name.replace(/^./, (letter) => letter.toLowerCase())}`
  throw new TypeError(
    `The condition of ${model.name}.${name} cannot be read from the Prisma schema. Declare the key: ` +
      `uniqueKey(prismaTable(${delegate}), ['${fields.join("', '")}'], { name: '${index}', condition: { … } }).`,
  )
}

function conditionValue(value: SchemaValue): unknown {
  if (!(value instanceof Map)) return value
  // Of `{ not: … }`, onerow's conditions have `not: null`.
  return value.get('not') === null ? notNull : undefined
}
