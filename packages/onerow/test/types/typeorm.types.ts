// Compiled, never run: when the types of TypeORM drift away from what its adapter declares, the build fails here.
import type { DataSource, EntityManager, EntitySchema, QueryRunner, Repository } from 'typeorm'
import { getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import type { Database, Table } from 'onerow'
import { fromTypeOrm, keyMethods, typeOrmTable } from 'onerow/typeorm'

declare class User {
  readonly id: number
}

declare class Document {
  readonly id: number
  readonly user: User
  readonly documentType: 'PAN_CARD' | 'SALARY_SLIP'
  file: string
  deletedAt: Date | null
  rename(file: string): void
}

interface NewDocument {
  user: User
  documentType: Document['documentType']
  file: string
  deletedAt?: null
}

export function databases(
  dataSource: DataSource,
  manager: EntityManager,
  runner: QueryRunner,
  repository: Repository<Document>,
) {
  fromTypeOrm(dataSource) satisfies Database<EntityManager>
  fromTypeOrm(manager) satisfies Database<EntityManager>
  fromTypeOrm(runner) satisfies Database<EntityManager>
  fromTypeOrm(repository) satisfies Database<EntityManager>
  // @ts-expect-error not TypeORM
  fromTypeOrm({})
  // @ts-expect-error nothing of it
  fromTypeOrm(dataSource.options)
}

const name = 'document_user_type'

export async function keys(dataSource: DataSource, schema: EntitySchema<Document>) {
  const documents = typeOrmTable(dataSource.getRepository(Document))
  documents satisfies Table<Document>
  typeOrmTable(dataSource.getRepository(schema)) satisfies Table<Document>
  // @ts-expect-error the entity has no such property
  uniqueKey(documents, ['user', 'kind'], { name })
  // @ts-expect-error nor may the condition ask for what it cannot be
  uniqueKey(documents, ['user'], { name, condition: { documentType: 'LICENCE' } })

  const condition = { documentType: 'PAN_CARD', deletedAt: null } as const
  const key = uniqueKey(documents, ['user', 'documentType'], { name, condition })
  const db = fromTypeOrm(dataSource)
  const where = { user: new User(), documentType: 'PAN_CARD' } as const
  const { row } = await getOrCreate(db, key, { where, create: { file: 'pan.pdf' } })
  row.rename(row.file)
  await getOrCreate(db, key, { where, create: { file: async () => 'pan.pdf', deletedAt: null } })
  // @ts-expect-error outside the condition
  await getOrCreate(db, key, { where: { ...where, documentType: 'SALARY_SLIP' } })
  // @ts-expect-error so is a row that is deleted
  await getOrCreate(db, key, { where, create: { deletedAt: new Date() } })
  // @ts-expect-error a column of the key is missing
  await getOrCreate(db, key, { where: { user: new User() } })
  // @ts-expect-error a wrong value
  await getOrCreate(db, key, { where, create: { file: 7 } })
  // @ts-expect-error a method is no column
  await getOrCreate(db, key, { where, create: { rename: () => {} } })
  await updateOrCreate(db, key, { where, update: (current) => ({ file: `${current.file}!` }) })
  // @ts-expect-error part of the key
  await updateOrCreate(db, key, { where, update: { documentType: 'PAN_CARD' } })
}

export async function strictInsert(repository: Repository<Document>) {
  const documents = typeOrmTable<Document, NewDocument>(repository)
  const key = uniqueKey(documents, ['user', 'documentType'], { name })
  const where = { user: new User(), documentType: 'PAN_CARD' } as const
  await getOrCreate(fromTypeOrm(repository), key, { where, create: { file: 'pan.pdf' } })
  // @ts-expect-error a required column is missing
  await getOrCreate(fromTypeOrm(repository), key, { where, create: {} })
  // @ts-expect-error likewise
  await getOrCreate(fromTypeOrm(repository), key, { where })

  const extended = repository.extend(keyMethods(key))
  extended satisfies Repository<Document>
  const { row, created } = await extended.getOrCreate({ where, create: { file: 'pan.pdf' } })
  row satisfies Document
  created satisfies boolean
  const { outcome } = await extended.updateOrCreate({ where, update: { file: 'pan.pdf' } })
  outcome satisfies 'created' | 'updated' | 'unchanged'
  await extended.updateOrCreate({ where, update: ({ file }) => ({ file }), create: { file: 'pan.pdf' } })
  await extended.createUnique({ where, create: { file: 'pan.pdf' } })
  // @ts-expect-error a required column is missing
  await extended.createUnique({ where, create: {} })
  // @ts-expect-error no such column
  await extended.updateOrCreate({ where, update: { files: 'pan.pdf' } })
  // @ts-expect-error they have no manager to run on
  await keyMethods(key).createUnique({ where, create: { file: 'pan.pdf' } })
}
