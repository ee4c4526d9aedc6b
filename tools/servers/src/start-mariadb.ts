import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'

import { freePort } from './free-port.ts'
import {
  installInstance,
  launchMariadbd,
  type MariadbInstance,
  type MariadbSettings,
} from './launch-mariadbd.ts'
import { ServerFailure, type ServerProcess } from './launch-server.ts'
import { mariadbPrograms } from './mariadb-programs.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface StartMariadbOptions {
  /** Server settings by the names of its options, such as `{ 'lock-wait-timeout': '5' }`. */
  readonly settings?: MariadbSettings | undefined
  /** Where a temporary folder is made. Default: where the system has such. */
  readonly within?: string | undefined
}

/** A MariaDB server of this process, which ends with it. */
export interface MariadbServer {
  /** Without a database. */
  readonly url: string
  readonly host: '127.0.0.1'
  readonly port: number
  readonly user: 'onerow'
  readonly password: string
  /** `10.11.19`, say. */
  readonly version: string
  readonly dataDirectory: string
  /** Another one after `restart`. */
  readonly pid: number
  /** Shuts down and removes the folder. */
  stop(): Promise<void>
  /** Crashes it with SIGKILL. What was committed is in the folder, which `restart` opens. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same folder and port, and resolves when it has recovered. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Running {
  readonly instance: MariadbInstance
  readonly server: ServerProcess
}

/**
 * Starts the MariaDB of this machine in a temporary folder, listening on 127.0.0.1 only. It stops with `stop()`,
 * or by itself when this process dies. Throws an Error that says why it cannot start, and what to do.
 *
 * @example
 * await using server = await startMariadb()
 * const pool = createPool({ host: server.host, port: server.port, user: server.user, password: server.password })
 */
export async function startMariadb({
  settings = {},
  within,
}: StartMariadbOptions = {}): Promise<MariadbServer> {
  const programs = await mariadbPrograms()
  const dataDirectory = temporaryDirectory('mariadb', programs.account, within)
  const password = randomBytes(16).toString('hex')
  const instance = { programs, dataDirectory, password, settings, port: await freePort() }
  try {
    await installInstance(instance)
    return serverOf(await launch(instance))
  } catch (error) {
    rmSync(dataDirectory, { recursive: true, force: true })
    throw error
  }
}

async function launch(instance: MariadbInstance, attempt = 1): Promise<Running> {
  try {
    return { instance, server: await launchMariadbd(instance) }
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error
    const portTaken = /Can't start server: Bind on TCP\/IP port/.test(error.log)
    if (portTaken && attempt < 5) return await launch({ ...instance, port: await freePort() }, attempt + 1)
    throw explained(error, instance)
  }
}

function explained(failure: ServerFailure, { programs, dataDirectory, port }: MariadbInstance): Error {
  return new Error(
    `MariaDB ${programs.version} did not start on the data folder ${dataDirectory} and port ${port}. If the ` +
      `log speaks of a setting, correct it in the settings.\nIts log ends:\n${failure.log}`,
    { cause: failure },
  )
}

function serverOf({ instance, server }: Running): MariadbServer {
  const { programs, dataDirectory, password, port } = instance
  let current = server
  const stop = async (): Promise<void> => {
    await current.end('SIGTERM')
    rmSync(dataDirectory, { recursive: true, force: true })
  }
  return {
    url: `mariadb://onerow:${password}@127.0.0.1:${port}/`,
    host: '127.0.0.1',
    port,
    user: 'onerow',
    password,
    version: programs.version,
    dataDirectory,
    get pid() {
      return current.pid
    },
    stop,
    kill: () => current.end('SIGKILL'),
    async restart() {
      await current.end('SIGKILL')
      current = await launchMariadbd(instance)
    },
    [Symbol.asyncDispose]: stop,
  }
}
