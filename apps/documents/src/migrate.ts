import { transaction, type Database } from 'onerow'
import type { PoolClient } from 'pg'

import { migrations } from './schema.ts'

/** The advisory lock that one migrating process holds, while the others wait: any number that is used for nothing else. */
export const migrationLock = 725_318_046

/** Brings the database's schema up to date. Any number of processes may do so at once. */
export async function migrate(db: Database<PoolClient>): Promise<void> {
  // Read committed: what another process migrated while we waited for the lock must be seen.
  await transaction(db, migrateAlone, { isolation: 'read committed' })
}

async function migrateAlone({ client, dialect }: Database<PoolClient>): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
  await client.query('create schema if not exists documents')
  await client.query('create table if not exists documents.migration (number integer primary key)')
  const { rows } = await client.query<{ readonly done: number }>(
    'select count(*)::integer as done from documents.migration',
  )
  for (const [index, step] of migrations(dialect).entries()) {
    if (index < (rows[0]?.done ?? 0)) continue
    await client.query(step)
    await client.query('insert into documents.migration (number) values ($1)', [index + 1])
  }
}
