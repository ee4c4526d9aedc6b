import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { launchServer, ServerFailure, type ServerProcess } from './launch-server.ts'
import { pgbouncerPrograms, type PgbouncerPrograms } from './pgbouncer-programs.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { writeFileAs } from './write-file-as.ts'

export interface StartPgbouncerOptions {
  /** Of the PostgreSQL behind it: all of its databases, as this user. */
  readonly url: string
  /** How many connections to one database it shares among all clients. Default: 4. */
  readonly serverConnections?: number | undefined
}

/** A PgBouncer of this process, which ends with it. */
export interface PgbouncerServer {
  /** The database of the given url, through PgBouncer. */
  readonly url: string
  readonly port: number
  /** `1.18.0`, say. */
  readonly version: string
  /** With its configuration alone. */
  readonly directory: string
  readonly pid: number
  /** Cuts all connections, and removes the folder. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Instance extends Required<StartPgbouncerOptions> {
  readonly programs: PgbouncerPrograms
  readonly directory: string
  readonly port: number
}

/**
 * Starts the PgBouncer of this machine in front of a PostgreSQL, in transaction mode: a client has a server connection to
 * itself for the length of a transaction only. It listens on 127.0.0.1 only, where every local user can connect without a
 * password. It stops with `stop()`, or by itself when this process dies.
 *
 * @example
 * await using pgbouncer = await startPgbouncer({ url: database.url })
 * const pool = new Pool({ connectionString: pgbouncer.url })
 */
export async function startPgbouncer({
  url,
  serverConnections = 4,
}: StartPgbouncerOptions): Promise<PgbouncerServer> {
  const programs = await pgbouncerPrograms()
  const directory = temporaryDirectory('pgbouncer', programs.account)
  try {
    return await launch({ programs, directory, url, serverConnections, port: await freePort() })
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

async function launch(instance: Instance, attempt = 1): Promise<PgbouncerServer> {
  try {
    return serverOf(instance, await launchPgbouncer(instance))
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error
    const portTaken = /Address already in use/.test(error.log)
    if (portTaken && attempt < 5) return await launch({ ...instance, port: await freePort() }, attempt + 1)
    throw error
  }
}

function launchPgbouncer(instance: Instance): Promise<ServerProcess> {
  const { programs, directory } = instance
  const file = join(directory, 'pgbouncer.ini')
  writeFileAs(programs.account, file, configuration(instance))
  return launchServer({
    name: 'PgBouncer',
    program: programs.pgbouncer,
    arguments: [file],
    account: programs.account,
    dataDirectory: directory,
    temporary: true,
    readyWords: ['process up: PgBouncer'],
    stopSignal: 'KILL',
  })
}

function configuration({ programs, url, serverConnections, port }: Instance): string {
  const { hostname, port: serverPort, username, password } = new URL(url)
  const server = {
    host: hostname,
    port: serverPort || '5432',
    user: decodeURIComponent(username),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  }
  const words = Object.entries(server).map(([name, value]) => `${name}='${value.replaceAll("'", "''")}'`)
  return `[databases]
* = ${words.join(' ')}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 300
${keepsStatements(programs) ? 'max_prepared_statements = 0' : ''}
`
}

/** From 1.21 on it can prepare a client's statements anew on each server connection, and from 1.24 on it does unless told. */
function keepsStatements({ version }: PgbouncerPrograms): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 1 || minor >= 21
}

function serverOf({ programs, directory, url, port }: Instance, bouncer: ServerProcess): PgbouncerServer {
  const stop = async (): Promise<void> => {
    // It keeps nothing. SIGTERM would cut all connections before 1.23, and wait for the clients since.
    await bouncer.end('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  const own = new URL(url)
  own.host = `127.0.0.1:${port}`
  own.password = ''
  return {
    url: own.href,
    port,
    version: programs.version,
    directory,
    pid: bouncer.pid,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
