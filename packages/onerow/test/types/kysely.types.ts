// Compiled, never run: when Kysely's types drift away from what its adapter declares, the build fails here.
import type {
  ColumnType,
  ControlledTransaction,
  Generated,
  GeneratedAlways,
  Insertable,
  JSONColumnType,
  Kysely,
  Selectable,
  Transaction,
} from 'kysely'
import { createUnique, getOrCreate, transaction, uniqueKey } from 'onerow'
import type { Database, Table } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'

interface DocumentTable {
  id: Generated<bigint>
  number: GeneratedAlways<number>
  userId: number
  documentType: 'PAN_CARD' | 'AADHAAR_CARD' | 'SALARY_SLIP'
  file: string
  meta: JSONColumnType<{ pages: number }>
  createdAt: ColumnType<Date, string | undefined, never>
  deletedAt: Date | null
}

interface Schema {
  document: DocumentTable
  'app.tag': { name: string }
}

export function kyselyAdapter(
  db: Kysely<Schema>,
  trx: Transaction<Schema>,
  controlled: ControlledTransaction<Schema, ['before']>,
) {
  fromKysely(db) satisfies Database<Transaction<Schema>>
  fromKysely(trx) satisfies Database<Transaction<Schema>>
  fromKysely(controlled) satisfies Database<ControlledTransaction<Schema, ['before']>>
  fromKysely(db, { server: 'mariadb' })
  void db.connection().execute(async (connection) => fromKysely(connection))
  void transaction(fromKysely(db), (tx) => tx.client.selectFrom('document').selectAll().execute())
  // @ts-expect-error not a server
  fromKysely(db, { server: 'postgres' })
  // @ts-expect-error not a Kysely
  fromKysely({})
}

const everyColumn = [
  'id',
  'number',
  'userId',
  'documentType',
  'file',
  'meta',
  'createdAt',
  'deletedAt',
] as const

export async function kyselyTables(db: Kysely<Schema>) {
  const documents = kyselyTable(db.insertInto('document'), everyColumn, { primaryKey: ['id'] })
  documents satisfies Table<Selectable<DocumentTable>>
  kyselyTable(db.insertInto('app.tag'), ['name']) satisfies Table<{ name: string }, { name: string }>
  // @ts-expect-error a column is missing
  kyselyTable(db.insertInto('app.tag'), [])
  // @ts-expect-error a column is missing
  kyselyTable(db.insertInto('document'), [
    'id',
    'number',
    'userId',
    'documentType',
    'file',
    'meta',
    'createdAt',
  ])
  // @ts-expect-error no such column
  kyselyTable(db.insertInto('app.tag'), ['name', 'colour'])
  // @ts-expect-error no such column
  kyselyTable(db.insertInto('app.tag'), ['name'], { primaryKey: ['id'] })
  // @ts-expect-error no such table
  kyselyTable(db.insertInto('tag'), ['name'])

  const byType = uniqueKey(documents, ['userId', 'documentType'], {
    name: 'document_by_type',
    condition: { documentType: ['PAN_CARD', 'AADHAAR_CARD'], deletedAt: null },
  })
  // @ts-expect-error no such column
  uniqueKey(documents, ['user_id'], { name: 'document_by_type' })

  const where = { userId: 7, documentType: 'PAN_CARD' } as const
  const create: Omit<Insertable<DocumentTable>, 'userId' | 'documentType' | 'deletedAt'> = {
    file: 'pan.pdf',
    meta: '{"pages":1}',
  }
  const { row } = await getOrCreate(fromKysely(db), byType, { where, create })
  row satisfies Selectable<DocumentTable>
  row.meta.pages satisfies number
  row.createdAt satisfies Date
  await createUnique(fromKysely(db), byType, {
    where,
    create: { ...create, id: 1n, createdAt: '2026-02-28' },
  })

  // @ts-expect-error outside the key's condition
  await getOrCreate(fromKysely(db), byType, { where: { userId: 7, documentType: 'SALARY_SLIP' }, create })
  // @ts-expect-error a required column is missing
  await getOrCreate(fromKysely(db), byType, { where, create: { file: 'pan.pdf' } })
  // @ts-expect-error the database alone gives it
  await getOrCreate(fromKysely(db), byType, { where, create: { ...create, number: 1 } })
  // @ts-expect-error inserted as a string
  await getOrCreate(fromKysely(db), byType, { where, create: { ...create, createdAt: new Date() } })
  // @ts-expect-error an expression is not a value
  await getOrCreate(fromKysely(db), byType, { where, create: { ...create, file: db.fn.val('pan.pdf') } })
}
