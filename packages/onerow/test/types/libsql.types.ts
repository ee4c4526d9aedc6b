// Compiled, never run: when the types of @libsql/client drift away from what its adapter declares, the build fails here.
import type { Client, ResultSet, Transaction } from '@libsql/client'
import type { Client as WebClient } from '@libsql/client/web'
import { getOrCreate, transaction } from 'onerow'
import type { Database } from 'onerow'
import { fromLibsql } from 'onerow/libsql'
import { identityCard } from './documents.ts'

export async function libsqlAdapter(client: Client, web: WebClient, open: Transaction) {
  const db = fromLibsql(client)
  db satisfies Database<Transaction>
  fromLibsql(web) satisfies Database<Transaction>
  fromLibsql(open) satisfies Database<Transaction>
  fromLibsql(open, { client }) satisfies Database<Transaction>
  // @ts-expect-error not a client
  fromLibsql({})
  // @ts-expect-error a client is of no client
  fromLibsql(client, { client })

  await transaction(db, async (tx) => {
    ;(await tx.client.execute('select 1')) satisfies ResultSet
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
