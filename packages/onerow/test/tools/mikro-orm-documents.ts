import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { MikroORM as MariadbOrm } from '@mikro-orm/mariadb'
import { MikroORM as PostgresOrm, defineEntity, p } from '@mikro-orm/postgresql'
import type { InferEntity, Options, SqlEntityManager } from '@mikro-orm/postgresql'
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite'
import { keySql, uniqueKey } from 'onerow'
import { fromMikroOrm, mikroOrmTable } from 'onerow/mikro-orm'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'

export const User = defineEntity({
  name: 'User',
  properties: { id: p.integer().primary(), name: p.string() },
})

export const Address = defineEntity({
  name: 'Address',
  embeddable: true,
  properties: { street: p.string(), zipCode: p.string().nullable() },
})

/** One property of each type that MikroORM maps. */
export const Document = defineEntity({
  name: 'Document',
  properties: {
    id: p.integer().primary(),
    user: () => p.manyToOne(User),
    documentType: p.enum(['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP'] as const),
    file: p.string().length(100),
    pages: p.bigint().nullable(),
    fee: p.decimal().precision(22).scale(2).nullable(),
    issuedOn: p.date().nullable(),
    checkedAt: p.datetime(3).nullable(),
    isPublic: p.boolean().default(false),
    scan: p.uint8array().nullable(),
    details: p.json<{ readonly a: number; readonly text: string }>().nullable(),
    tags: p.array().nullable(),
    sentTo: () => p.embedded(Address).object().nullable(),
    home: () => p.embedded(Address).nullable(),
    note: p.text().lazy().nullable(),
    shout: p.string().persist(false).nullable(),
    createdAt: p.datetime(3).onCreate(() => new Date()),
    changedAt: p
      .datetime(3)
      .onCreate(() => new Date(0))
      .onUpdate(() => new Date()),
    deletedAt: p.datetime(3).nullable(),
  },
})
export type Document = InferEntity<typeof Document>

const entities = [User, Address, Document]

interface OpenOrm {
  readonly orm: { readonly schema: { create(): Promise<void> }; close(): Promise<void> }
  /** The global one. What the drivers' own classes have besides, these tests do not call. */
  readonly em: SqlEntityManager
  readonly drop: () => Promise<void>
}

type OrmOptions = Pick<Options, 'debug' | 'logger' | 'pool' | 'replicas'>

const open: Readonly<Record<string, (options: OrmOptions) => Promise<OpenOrm | undefined>>> = {
  async PostgreSQL(options) {
    const database = await testDatabase({ name: 'mikro_orm' })
    const orm = new PostgresOrm({ ...options, entities, clientUrl: database.url })
    return { orm, em: orm.em, drop: () => database.drop() }
  },
  async SQLite(options) {
    const folder = await mkdtemp(join(tmpdir(), 'onerow-mikro-orm-'))
    const driverOptions = { timeout: 10_000 }
    const orm = new SqliteOrm({ ...options, entities, dbName: join(folder, 'documents.db'), driverOptions })
    return { orm, em: orm.em, drop: () => rm(folder, { recursive: true }) }
  },
  async MariaDB(options) {
    const database = await testMariadb({ name: 'mikro_orm' })
    if (!database) return undefined
    const orm = new MariadbOrm({ ...options, entities, clientUrl: database.url })
    return { orm, em: orm.em, drop: () => database.drop() }
  },
}

export type Documents = Awaited<ReturnType<typeof documentsOf>>

/** Runs a test on each engine, with the tables of the entities and the key. */
export function onEachEngine(
  name: string,
  run: (documents: Documents, context: TestContext) => Promise<void>,
  options: OrmOptions = {},
): void {
  for (const [engine, openOrm] of Object.entries(open))
    test(`mikro-orm on ${engine}: ${name}`, async (t) => {
      const opened = await openOrm(options)
      if (!opened) return t.skip(`MariaDB is not installed: ${installCommand.mariadb}`)
      try {
        await run(await documentsOf(opened), t)
      } finally {
        await opened.orm.close()
        await opened.drop()
      }
    })
}

async function documentsOf({ orm, em }: OpenOrm) {
  await orm.schema.create()
  const documents = mikroOrmTable(em.getRepository(Document))
  const identityCard = uniqueKey(documents, ['user', 'documentType'], {
    name: 'unique_user_unique_document_type',
    condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
    message: 'This user already has a document of this type.',
  })
  const { dialect } = fromMikroOrm(em)
  // As a migration does, which is run statement by statement.
  for (const statement of keySql(identityCard, dialect).split(';\n')) await em.fork().execute(statement)
  const ada = em.fork().create(User, { id: 7, name: 'Ada' })
  await em.fork().persist(ada).flush()
  return {
    em,
    documents,
    identityCard,
    dialect,
    /** An entity manager of its own, as each request has one. */
    fork: () => em.fork(),
    rows: () => em.fork().find(Document, {}, { orderBy: { id: 'asc' }, populate: ['note'] }),
  }
}
