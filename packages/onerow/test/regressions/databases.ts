import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import { testDatabase } from '@onerow/servers'
import type { Database } from 'onerow'
import pg from 'pg'

const database = await testDatabase({ name: 'regressions' })

/** On a PostgreSQL database of the test file's own, which goes with it. */
export const pool = new pg.Pool({ connectionString: database.url })

/** In memory, likewise. */
export const sqlite = new DatabaseSync(':memory:')

after(async () => {
  sqlite.close()
  await pool.end()
  await database.drop()
})

/** Runs statements one after another. */
export async function run(db: Database, ...statements: readonly string[]): Promise<void> {
  for (const text of statements) await db.execute({ text, values: [] })
}
