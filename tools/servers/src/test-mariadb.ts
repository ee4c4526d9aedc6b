import { randomUUID } from 'node:crypto'

import { SqlError, type Connection } from 'mariadb'

import { databaseUrl } from './database-url.ts'
import { hasMariadb } from './mariadb-programs.ts'
import { memoryFolder } from './memory-folder.ts'
import { startMariadb, type MariadbServer } from './start-mariadb.ts'
import { withMariadbConnection } from './with-mariadb-connection.ts'

/** An empty database of one test's own, for drivers that take its url and for those that take its parts. */
export interface TestMariadb {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Ends the connections to it and removes it. */
  drop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestMariadbOptions {
  /** The first part of its name, to tell it from others. Default: `test`. */
  readonly name?: string
  /**
   * Start a server for it alone, though there is one for all: for a test that asks the server how many wait in it, or that must go the
   * same way each time (others' reads hold up InnoDB's purge, and what is purged between two reads changes who loses a deadlock).
   */
  readonly alone?: boolean
}

/**
 * Creates an empty database, utf8mb4, on the MariaDB that test-setup.ts started; without that, for a test file
 * run by hand, on a server of its own. Undefined when this machine has no MariaDB.
 *
 * @example
 * await using database = await testMariadb({ name: 'race' })
 * if (!database) return t.skip('MariaDB is not installed')
 * const pool = createPool(database.url)
 */
export async function testMariadb({ name = 'test', alone = false }: TestMariadbOptions = {}): Promise<
  TestMariadb | undefined
> {
  const server = await testServer(alone)
  if (!server) return undefined
  const { hostname: host, port, username: user, password } = new URL(server.url)
  const account = { host, port: Number(port), user, password }
  const database = `${name}_${randomUUID().slice(0, 8)}`
  await withMariadbConnection(account, (connection) =>
    connection.query(`create database ${connection.escapeId(database)} character set utf8mb4`),
  )
  const drop = async (): Promise<void> => {
    await withMariadbConnection(account, (connection) => dropDatabase(connection, database))
    await server.stop()
  }
  return { url: databaseUrl(server.url, database), ...account, database, drop, [Symbol.asyncDispose]: drop }
}

async function testServer(alone: boolean): Promise<Pick<MariadbServer, 'url' | 'stop'> | undefined> {
  const url = process.env['ONEROW_MARIADB_URL']
  if (url && !alone) return { url, stop: async () => {} }
  return hasMariadb() ? await startMariadb({ within: memoryFolder() }) : undefined
}

async function dropDatabase(connection: Connection, database: string): Promise<void> {
  const name = connection.escapeId(database)
  for (const id of await openConnections(connection, database)) {
    await connection.query(`kill connection ${id}`).catch(refuseOtherThan(noSuchThread))
  }
  // An open transaction holds metadata locks, which DROP waits for, by default for a day.
  await connection.query(`set statement lock_wait_timeout = 10 for drop database if exists ${name}`)
}

const noSuchThread = 1094 // it has just left

function refuseOtherThan(errno: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof SqlError && error.errno === errno)) throw error
  }
}

/** Those that stay: a pool's `end()` resolves before the server has let go of its connections. */
async function openConnections(connection: Connection, database: string): Promise<readonly number[]> {
  const text = 'select id from information_schema.processlist where db = ?'
  for (let question = 0; ; question++) {
    const rows = await connection.query<readonly { readonly id: number }[]>(text, [database])
    if (rows.length === 0 || question === 200) return rows.map(({ id }) => id)
  }
}
