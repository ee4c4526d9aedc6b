// Compiled, never run: when Knex's types drift away from what its adapter declares, the build fails here.
import type { Knex } from 'knex'
import type { Tables } from 'knex/types/tables.js'
import { createUnique, getOrCreate, transaction, uniqueKey } from 'onerow'
import type { Database, Table } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'

interface Document {
  readonly id: bigint
  readonly userId: number
  readonly documentType: 'PAN_CARD' | 'AADHAAR_CARD' | 'SALARY_SLIP'
  readonly file: string
  readonly pages?: number
  readonly deletedAt: Date | null
}
type NewDocument = Omit<Document, 'id' | 'deletedAt'> & Partial<Pick<Document, 'deletedAt'>>

declare module 'knex/types/tables.js' {
  interface Tables {
    onerow_typed: Knex.CompositeTableType<Document, NewDocument>
  }
}

export function knexAdapter(knex: Knex, trx: Knex.Transaction) {
  fromKnex(knex) satisfies Database<Knex.Transaction>
  fromKnex(trx) satisfies Database<Knex.Transaction>
  fromKnex(knex, { server: 'mariadb' })
  void transaction(fromKnex(knex), (tx) => tx.client<Document>('document').where({ userId: 1 }).forUpdate())
  // @ts-expect-error not a server
  fromKnex(knex, { server: 'postgres' })
  // @ts-expect-error not a Knex
  fromKnex({})
  // @ts-expect-error a query is not an instance
  fromKnex(knex('document'))
}

const columns = { id: true, userId: true, documentType: true, file: true, pages: true } as const

export async function knexTables(knex: Knex) {
  type Typed = Tables['onerow_typed']
  const documents = knexTable<Typed['base'], Typed['insert']>(knex, 'document', {
    columns: { ...columns, deletedAt: true },
    primaryKey: ['id'],
  })
  documents satisfies Table<Document, NewDocument>
  knexTable<Document>(knex, 'document', {
    columns: { ...columns, deletedAt: { decode: (stored) => new Date(String(stored)) } },
  })
  // @ts-expect-error a column is missing
  knexTable<Document>(knex, 'document', { columns })
  // @ts-expect-error a column that the row does not have
  knexTable<Document>(knex, 'document', { columns: { ...columns, deletedAt: true, name: true } })
  // @ts-expect-error a codec of another type
  knexTable<Document>(knex, 'document', { columns: { ...columns, deletedAt: { decode: () => 'never' } } })
  // @ts-expect-error a primary key that the row does not have
  knexTable<Document>(knex, 'document', { columns: { ...columns, deletedAt: true }, primaryKey: ['uuid'] })

  const identityCard = uniqueKey(documents, ['userId', 'documentType'], {
    name: 'unique_user_unique_document_type',
    condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
  })
  // @ts-expect-error a column that the row does not have
  uniqueKey(documents, ['user_id'], { name: 'document_user' })
  const db = fromKnex(knex)
  const where = { userId: 1, documentType: 'PAN_CARD' } as const
  const { row } = await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf' } })
  row satisfies Document
  const made = await createUnique(db, identityCard, { where, create: { file: 'pan.pdf', pages: 2 } })
  made satisfies Document
  const outside = { userId: 1, documentType: 'SALARY_SLIP' } as const
  // @ts-expect-error a value outside the condition
  void getOrCreate(db, identityCard, { where: outside, create: { file: '' } })
  // @ts-expect-error a required column is missing
  void getOrCreate(db, identityCard, { where, create: {} })
  // @ts-expect-error a row that is deleted has not the key
  void getOrCreate(db, identityCard, { where, create: { file: '', deletedAt: new Date() } })
}
