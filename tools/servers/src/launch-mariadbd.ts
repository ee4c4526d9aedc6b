import { join } from 'node:path'

import { launchServer, type ServerProcess } from './launch-server.ts'
import { installMariadb, type MariadbPrograms } from './mariadb-programs.ts'

/** Options of the server by their names. */
export type MariadbSettings = Readonly<Record<string, string>>

/** A folder with a MariaDB in it, running or not. */
export interface MariadbInstance {
  readonly programs: MariadbPrograms
  /** A temporary one. */
  readonly dataDirectory: string
  /** Of the user `onerow`. */
  readonly password: string
  readonly port: number
  /** Of the caller. */
  readonly settings: MariadbSettings
  /** Not for the caller to set. */
  readonly fixed?: MariadbSettings
}

export interface LaunchMariadbdOptions {
  /** Default: that it accepts connections. */
  readonly readyWords?: readonly string[]
  /** Options without a value. */
  readonly flags?: readonly string[]
  readonly signal?: AbortSignal
}

/** What its log says when it accepts connections. */
export const acceptsConnections = 'mariadbd: ready for connections'

// They also shape the files that the installation makes.
const storageSettings: MariadbSettings = {
  // The whole folder goes with the server, so nothing in it needs to outlive a crash of the machine.
  'innodb-flush-method': 'nosync',
  'innodb-buffer-pool-size': '64M',
  'innodb-log-file-size': '32M',
}

const defaultSettings: MariadbSettings = {
  ...storageSettings,
  // A crash of the server alone loses nothing: at each commit the kernel has the log.
  'innodb-flush-log-at-trx-commit': '1',
  'max-connections': '300',
  // Without a configuration file it is latin1.
  'character-set-server': 'utf8mb4',
  'collation-server': 'utf8mb4_general_ci',
}

/** Fills the instance's folder, which is empty. */
export async function installInstance({ programs, dataDirectory, password }: MariadbInstance): Promise<void> {
  const options = commandLine({ ...storageSettings, tmpdir: dataDirectory })
  await installMariadb(programs, { directory: dataDirectory, password, options })
}

/** Starts the server on its folder, listening on 127.0.0.1 only. */
export function launchMariadbd(
  { programs, dataDirectory, port, settings, fixed = {} }: MariadbInstance,
  { readyWords = [acceptsConnections], flags = [], signal }: LaunchMariadbdOptions = {},
): Promise<ServerProcess> {
  const place = {
    datadir: dataDirectory,
    // A server that starts removes the temporary tables it finds in its tmpdir: in a shared one, those of the others.
    tmpdir: dataDirectory,
    'bind-address': '127.0.0.1',
    port: String(port),
    socket: '', // none
    'skip-name-resolve': 'ON', // the account is of 127.0.0.1, not of localhost
    'pid-file': join(dataDirectory, 'mariadbd.pid'),
  }
  // Not --no-defaults: the scripts of a state transfer would then take options from /etc/mysql.
  const first = '--defaults-file=/dev/null'
  return launchServer({
    name: 'MariaDB',
    program: programs.mariadbd,
    // The last one wins. One list would not do: an option has several names (bind_address, loose-bind-address).
    arguments: [first, ...[defaultSettings, settings, fixed, place].flatMap(commandLine), ...flags],
    account: programs.account,
    dataDirectory,
    temporary: true,
    readyWords,
    signal,
    stopSignal: 'KILL',
  })
}

function commandLine(settings: MariadbSettings): string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
}
