import { table } from '../table.ts'
import type { ColumnOptions, Table } from '../table.ts'
import { codecOf } from './prisma-codec.ts'
import { modelOf } from './prisma-model.ts'
import type { PrismaField, PrismaModel } from './prisma-model.ts'

/** The part of `prisma.user` whose types onerow reads; declared here so that onerow does not depend on Prisma. */
export interface PrismaDelegateLike {
  readonly [types: symbol]: {
    readonly types: {
      readonly payload: { readonly scalars: object }
      readonly operations: {
        readonly findUnique: { readonly args: { readonly where: object } }
        readonly createMany: { readonly args: { readonly data: object } }
      }
    }
  }
}

/** A row as `findFirst` gives it. */
export type PrismaRow<Delegate extends PrismaDelegateLike> = Delegate[symbol]['types']['payload']['scalars']

/** A new row as `createMany` takes it. */
export type PrismaInsert<Delegate extends PrismaDelegateLike> = Exclude<
  Delegate[symbol]['types']['operations']['createMany']['args']['data'],
  readonly unknown[]
>

/**
 * The table of a Prisma model. Its rows are what `findFirst` gives, its new rows what `createMany` takes, and what Prisma
 * makes by itself (`cuid()`, `uuid()`, `ulid()`, `nanoid()`, `now()`, `@updatedAt`, a literal default) is made here.
 *
 * @param delegate the model as it is on the client: `prisma.user`
 * @throws `TypeError` when it is not a model of a Prisma client
 * @example
 * ```ts
 * import { uniqueKey } from 'onerow'
 * import { prismaTable } from 'onerow/prisma'
 * import type { PrismaClient } from './generated/prisma/client.ts'
 *
 * export const identityCardOf = (prisma: PrismaClient) =>
 *   uniqueKey(prismaTable(prisma.document), ['userId', 'type'], {
 *     name: 'document_of_user',
 *     condition: { type: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
 *   })
 * ```
 */
export function prismaTable<Delegate extends PrismaDelegateLike>(
  delegate: Delegate,
): Table<PrismaRow<Delegate>, PrismaInsert<Delegate>> {
  const model = modelOf(delegate)
  // The types of the delegate's model are those of its columns.
  return tableOf(model) as Table<PrismaRow<Delegate>, PrismaInsert<Delegate>>
}

const tables = new WeakMap<PrismaModel, Table>()

/** The table of a model, without its types. */
export function tableOf(model: PrismaModel): Table {
  const known = tables.get(model)
  if (known) return known
  const lists = model.fields.filter(({ isList }) => isList).map(({ name }) => name)
  const made: Table = table<Row>(model.table, {
    columns: Object.fromEntries(model.fields.map((field) => [field.name, toColumn(field, model.provider)])),
    ...(model.schema !== undefined && { schema: model.schema }),
    primaryKey: model.keys.find(({ isPrimary }) => isPrimary)?.fields ?? [],
    toRow(row, client) {
      // To Prisma a list is never NULL.
      for (const list of lists) row[list] ??= []
      return withComputedFields(row, model, client)
    },
  })
  tables.set(model, made)
  return made
}

type Row = Record<string, unknown>

function toColumn(field: PrismaField, provider: string): ColumnOptions<unknown> {
  const generator = field.generator ?? (field.isUpdatedAt ? () => new Date() : undefined)
  return {
    name: field.column,
    ...codecOf(field, provider),
    ...(generator && { default: generator }),
    ...(field.isUpdatedAt && { onUpdate: () => new Date() }),
  }
}

interface ExtendedClient {
  readonly _extensions?: {
    getAllComputedFields(
      model: string,
    ): Readonly<Record<string, { readonly compute: (row: Row) => unknown }>> | undefined
  }
}

/** Adds what `result` extensions of the client compute, when it is asked for, as Prisma does. */
function withComputedFields(row: Row, model: PrismaModel, client: unknown): Row {
  const computed = (client as ExtendedClient)._extensions?.getAllComputedFields(model.name) ?? {}
  for (const [name, { compute }] of Object.entries(computed))
    Object.defineProperty(row, name, { get: () => compute(row), enumerable: true, configurable: true })
  return row
}
