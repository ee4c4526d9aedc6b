// Compiled, never run: when the types of Drizzle drift away from what its adapter declares, the build fails here.
import type { Client as LibsqlClient } from '@libsql/client'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import type { LibSQLDatabase } from 'drizzle-orm/libsql'
import type { MySql2Database } from 'drizzle-orm/mysql2'
import { int, mysqlTable, varchar } from 'drizzle-orm/mysql-core'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { bigint, integer, pgTable, pgView, text, timestamp, withReplicas } from 'drizzle-orm/pg-core'
import type { PgliteDatabase } from 'drizzle-orm/pglite'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { integer as sqliteInteger, sqliteTable } from 'drizzle-orm/sqlite-core'
import { getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import type { Database, Table } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'

type Schema = { documents: typeof documents }
type TransactionOf<Db extends { transaction(work: never): unknown }> = Parameters<
  Parameters<Db['transaction']>[0]
>[0]

export function databases(
  pg: NodePgDatabase<Schema>,
  postgresJs: PostgresJsDatabase,
  pglite: PgliteDatabase,
  mysql2: MySql2Database,
  betterSqlite3: BetterSQLite3Database<Schema>,
  libsql: LibSQLDatabase & { $client: LibsqlClient },
) {
  fromDrizzle(pg) satisfies Database<TransactionOf<NodePgDatabase<Schema>>>
  fromDrizzle(withReplicas(pg, [pg])) satisfies Database<TransactionOf<NodePgDatabase<Schema>>>
  fromDrizzle(postgresJs) satisfies Database<TransactionOf<PostgresJsDatabase>>
  fromDrizzle(pglite) satisfies Database<TransactionOf<PgliteDatabase>>
  fromDrizzle(mysql2, { server: 'mariadb' }) satisfies Database<TransactionOf<MySql2Database>>
  fromDrizzle(betterSqlite3) satisfies Database<BetterSQLite3Database<Schema>>
  fromDrizzle(libsql) satisfies Database<TransactionOf<LibSQLDatabase>>
  void pg.transaction(async (tx) => {
    fromDrizzle(tx) satisfies Database<typeof tx>
    await tx.transaction(async (savepoint) => void fromDrizzle(savepoint))
  })
  // @ts-expect-error not a database of Drizzle's
  fromDrizzle({})
  // @ts-expect-error no such server
  fromDrizzle(mysql2, { server: 'postgres' })
}

const documents = pgTable('document', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  userId: bigint('user_id', { mode: 'bigint' }).notNull(),
  documentType: text('document_type', { enum: ['AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP'] }).notNull(),
  file: text().notNull(),
  deletedAt: timestamp('deleted_at'),
  token: text()
    .notNull()
    .$defaultFn(() => 'token'),
  kilobytes: integer().notNull().default(0),
})

const identityCard = uniqueKey(drizzleTable(documents), ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
})

export async function documentsOf(db: Database) {
  drizzleTable(documents) satisfies Table<typeof documents.$inferSelect, typeof documents.$inferInsert>
  drizzleTable(mysqlTable('m', { id: int(), name: varchar({ length: 9 }) }), { casing: 'snake_case' })
  drizzleTable(sqliteTable('s', { id: sqliteInteger({ mode: 'boolean' }) }), { casing: 'camelCase' })
  // @ts-expect-error a view is nothing to insert into
  drizzleTable(pgView('v').as((query) => query.select().from(documents)))
  // @ts-expect-error no such casing
  drizzleTable(documents, { casing: 'kebab-case' })

  const where = { userId: 7n, documentType: 'PAN_CARD' } as const
  const { row } = await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf' } })
  row satisfies typeof documents.$inferSelect
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', token: 'given', kilobytes: 5 } })
  await updateOrCreate(db, identityCard, { where, update: { file: 'pan.pdf' } })

  // @ts-expect-error "file" is required
  await getOrCreate(db, identityCard, { where, create: {} })
  // @ts-expect-error the database gives the id
  await getOrCreate(db, identityCard, { where, create: { file: 'pan.pdf', id: 1n } })
  const slip = { ...where, documentType: 'SALARY_SLIP' } as const
  // @ts-expect-error outside the condition
  await getOrCreate(db, identityCard, { where: slip, create: { file: '' } })
  // @ts-expect-error outside the condition
  await getOrCreate(db, identityCard, { where, create: { file: '', deletedAt: new Date() } })
  // @ts-expect-error a bigint, by its mode
  await getOrCreate(db, identityCard, { where: { ...where, userId: 7 }, create: { file: '' } })
  // @ts-expect-error no such property
  uniqueKey(drizzleTable(documents), ['user_id'], { name: 'document_user' })
}
