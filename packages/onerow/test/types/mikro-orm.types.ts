// Compiled, never run: when MikroORM's types drift away from what its adapter declares, the build fails here.
import type { EntityManager as CoreManager, Ref } from '@mikro-orm/core'
import type { EntityManager as MariadbManager } from '@mikro-orm/mariadb'
import { EntityRepository, defineEntity, p } from '@mikro-orm/postgresql'
import type { EntityManager, InferEntity, MikroORM, Opt } from '@mikro-orm/postgresql'
import type { EntityManager as SqliteManager } from '@mikro-orm/sqlite'
import { getOrCreate, transaction, uniqueKey, updateOrCreate } from 'onerow'
import type { Database, GetOrCreateResult } from 'onerow'
import { fromMikroOrm, keyMethods, mikroOrmTable } from 'onerow/mikro-orm'
import type { KeyMethods } from 'onerow/mikro-orm'

const User = defineEntity({ name: 'User', properties: { id: p.integer().primary(), name: p.string() } })

const Document = defineEntity({
  name: 'Document',
  properties: {
    id: p.integer().primary(),
    user: () => p.manyToOne(User),
    documentType: p.enum(['PAN_CARD', 'SALARY_SLIP'] as const),
    file: p.string(),
    isPublic: p.boolean().default(false),
    createdAt: p.datetime().onCreate(() => new Date()),
    deletedAt: p.datetime().nullable(),
  },
})
type Document = InferEntity<typeof Document>

export function adapter(
  postgres: EntityManager,
  mariadb: MariadbManager,
  sqlite: SqliteManager,
  core: CoreManager,
) {
  fromMikroOrm(postgres) satisfies Database<EntityManager>
  fromMikroOrm(mariadb) satisfies Database<MariadbManager>
  fromMikroOrm(sqlite) satisfies Database<SqliteManager>
  // @ts-expect-error of a driver that is not for SQL, perhaps
  fromMikroOrm(core)
  // @ts-expect-error not an entity manager
  fromMikroOrm({})
  return transaction(fromMikroOrm(postgres), async ({ client }) => client.find(Document, { id: 1 }))
}

export async function ofDefinedEntity(orm: MikroORM, em: EntityManager) {
  const documents = mikroOrmTable(orm.em.getRepository(Document))
  const card = uniqueKey(documents, ['user', 'documentType'], {
    name: 'card',
    condition: { documentType: ['PAN_CARD'], deletedAt: null },
  })
  const db = fromMikroOrm(em)
  const user = em.getReference(User, 7)
  const where = { user, documentType: 'PAN_CARD' } as const

  const result = await getOrCreate(db, card, { where, create: { file: 'a' } })
  result satisfies GetOrCreateResult<Document>
  result.row.user.name satisfies string
  await getOrCreate(db, card, { where, create: () => ({ file: 'a', isPublic: true, createdAt: new Date() }) })
  await updateOrCreate(db, card, { where, update: { file: 'b' } })
  await updateOrCreate(db, card, {
    where,
    update: (row) => ({ file: row.file + row.user.name }),
    create: { file: 'b' },
  })

  // @ts-expect-error `file` has no default
  await getOrCreate(db, card, { where, create: {} })
  // @ts-expect-error no such property
  await getOrCreate(db, card, { where, create: { file: 'a', fiel: 'b' } })
  // @ts-expect-error another type
  await getOrCreate(db, card, { where, create: { file: 1 } })
  // @ts-expect-error outside the condition
  await getOrCreate(db, card, { where: { user, documentType: 'SALARY_SLIP' }, create: { file: 'a' } })
  // @ts-expect-error not all of the key
  await getOrCreate(db, card, { where: { documentType: 'PAN_CARD' }, create: { file: 'a' } })
  // @ts-expect-error the key's columns stay
  await updateOrCreate(db, card, { where, update: { documentType: 'PAN_CARD' } })
  // @ts-expect-error no such property
  uniqueKey(documents, ['usr'], { name: 'x' })
  // @ts-expect-error not a repository
  mikroOrmTable(orm.em)
}

/** As with decorators or an EntitySchema: a class, whose optional properties are branded. */
class Invoice {
  readonly id!: number
  readonly number!: string
  readonly buyer!: Ref<InferEntity<typeof User>>
  readonly total: Opt<number> = 0
}

class InvoiceRepository extends EntityRepository<Invoice> {
  declare readonly getOrCreate: KeyMethods<ReturnType<typeof keyOf>>['getOrCreate']
  declare readonly updateOrCreate: KeyMethods<ReturnType<typeof keyOf>>['updateOrCreate']
}

function keyOf(repository: EntityRepository<Invoice>) {
  return uniqueKey(mikroOrmTable(repository), ['number'], { name: 'invoice_number' })
}

export async function idiom(repository: InvoiceRepository, plain: EntityRepository<Invoice>) {
  const where = { number: '1' }
  await repository.getOrCreate({ where, create: { buyer: 7 } })
  const { row, outcome } = await repository.updateOrCreate({
    where,
    update: { total: 1 },
    create: { buyer: 7 },
  })
  row.buyer.id satisfies number
  outcome satisfies 'created' | 'updated' | 'unchanged'
  const invoices = Object.assign(plain, keyMethods(keyOf(plain)))
  const invoice = await invoices.createUnique({ where, create: { buyer: row.buyer } })
  invoice satisfies Invoice
  // @ts-expect-error `buyer` is not optional
  await invoices.getOrCreate({ where, create: {} })
  // @ts-expect-error not on an object without an entity manager
  await keyMethods(keyOf(plain)).getOrCreate({ where, create: { buyer: 7 } })
}
