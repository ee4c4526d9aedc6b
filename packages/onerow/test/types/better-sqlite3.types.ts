// Compiled, never run: when the types of better-sqlite3 drift away from what its adapter declares, the build fails here.
import type BetterSqlite3 from 'better-sqlite3'
import { getOrCreate, transaction } from 'onerow'
import type { Database } from 'onerow'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
import { identityCard } from './documents.ts'

export async function betterSqlite3Adapter(database: BetterSqlite3.Database) {
  const db = fromBetterSqlite3(database)
  db satisfies Database<BetterSqlite3.Database>
  // @ts-expect-error not a Database
  fromBetterSqlite3({})
  // @ts-expect-error a statement is none either
  fromBetterSqlite3(database.prepare('select 1'))

  await transaction(db, async (tx) => {
    tx.client.prepare('select 1') satisfies BetterSqlite3.Statement
    await getOrCreate(tx, identityCard, {
      where: { userId: 7n, documentType: 'PAN_CARD' },
      create: { file: 'pan.pdf' },
    })
  })
  await getOrCreate(db, identityCard, {
    // @ts-expect-error a value outside the condition
    where: { userId: 7n, documentType: 'SALARY_SLIP' },
    create: { file: 'pan.pdf' },
  })
  await getOrCreate(db, identityCard, {
    // @ts-expect-error a column that the table does not have
    where: { user: 7n, documentType: 'PAN_CARD' },
    create: { file: 'pan.pdf' },
  })
  // @ts-expect-error a required column is missing
  await getOrCreate(db, identityCard, { where: { userId: 7n, documentType: 'PAN_CARD' } })
}
