import { randomUUID } from 'node:crypto'

import { escapeIdentifier, type Client } from 'pg'

import { createDatabase } from './create-database.ts'
import { memoryFolder } from './memory-folder.ts'
import { openPostgres, type OpenPostgres } from './open-postgres.ts'
import { hasPostgres15, postgres15BinDirectory } from './postgres-15.ts'
import { startPostgres } from './start-postgres.ts'
import { withClient } from './with-client.ts'

/** An empty database of one test's own. */
export interface TestDatabase {
  readonly url: string
  /** Ends the connections to it and removes it. */
  drop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestDatabaseOptions<Version extends 15 | 18 = 15 | 18> {
  /** PostgreSQL's major version. Default: 18. */
  readonly version?: Version
  /** The first part of its name, to tell it from others. Default: `test`. */
  readonly name?: string
}

/**
 * Creates an empty database on the server that test-setup.ts started; without that, for a test file run by
 * hand, on a server of its own. Undefined when version 15 is asked for and this machine has none.
 *
 * @example
 * await using database = await testDatabase({ name: 'race' })
 * const pool = new Pool({ connectionString: database.url })
 */
export async function testDatabase(options?: TestDatabaseOptions<18>): Promise<TestDatabase>
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase | undefined>
export async function testDatabase({ version = 18, name = 'test' }: TestDatabaseOptions = {}): Promise<
  TestDatabase | undefined
> {
  const server = await testServer(version)
  if (!server) return undefined
  const database = `${name}_${randomUUID().slice(0, 8)}`
  const url = await createDatabase(server.url, database)
  const drop = async (): Promise<void> => {
    await withClient(server.url, async (client) => {
      await untilLeft(client, database)
      await client.query(`drop database if exists ${escapeIdentifier(database)} with (force)`)
    })
    await server.stop()
  }
  return { url, drop, [Symbol.asyncDispose]: drop }
}

/**
 * A pool's `end()` resolves before the server has let go of its connections, and one that is cut then raises an error that
 * nobody listens for. So those that are about to end get the time for some questions; those that are not are cut.
 */
async function untilLeft(client: Client, database: string): Promise<void> {
  for (let question = 0; question < 200; question++) {
    const { rows } = await client.query('select from pg_stat_activity where datname = $1', [database])
    if (rows.length === 0) return
  }
}

async function testServer(version: 15 | 18): Promise<Pick<OpenPostgres, 'url' | 'stop'> | undefined> {
  const url = process.env[version === 15 ? 'ONEROW_POSTGRES_15_URL' : 'ONEROW_POSTGRES_URL']
  if (url) return { url, stop: async () => {} }
  const within = memoryFolder()
  if (version === 18) return await openPostgres({ within })
  return hasPostgres15() ? await startPostgres({ within, binDirectory: postgres15BinDirectory }) : undefined
}
