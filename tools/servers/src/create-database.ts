import { escapeIdentifier } from 'pg'

import { databaseUrl } from './database-url.ts'
import { withClient } from './with-client.ts'

/** Creates the database on the server, unless it has it already, and returns its url. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await withClient(serverUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(name)}`)
  })
  return databaseUrl(serverUrl, name)
}
