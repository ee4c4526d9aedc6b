import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { errorText } from './error-text.ts'
import { installCommand } from './install-command.ts'
import { mariadbAccount, type ServerAccount } from './server-account.ts'
import { stopWhenOrphaned } from './stop-when-orphaned.ts'
import { writeFileAs } from './write-file-as.ts'

const run = promisify(execFile)

/** The MariaDB of this machine, run as the server's account. */
export interface MariadbPrograms {
  readonly mariadbd: string
  readonly installDb: string
  readonly account: ServerAccount | undefined
  /** `10.11.19`, say. */
  readonly version: string
}

/** Whether this machine has MariaDB's programs. */
export function hasMariadb(): boolean {
  return programPath('mariadbd') !== undefined && programPath('mariadb-install-db') !== undefined
}

/** Finds the programs, and asks the server's for its version, which proves that `account` can run it. */
export async function mariadbPrograms(): Promise<MariadbPrograms> {
  const mariadbd = programPath('mariadbd')
  const installDb = programPath('mariadb-install-db')
  if (mariadbd === undefined || installDb === undefined) {
    throw new Error(
      `MariaDB is not installed: there is no mariadbd and mariadb-install-db on PATH or in /usr/sbin. ` +
        `Debian's are added by: ${installCommand.mariadb}`,
    )
  }
  const account = mariadbAccount()
  const { stdout } = await run(mariadbd, ['--no-defaults', '--version'], { ...account, cwd: '/' })
  // Debian's prints "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)".
  const version = /Ver ([\d.]+)-MariaDB/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`${mariadbd} is no MariaDB. It says: ${stdout}`)
  return { mariadbd, installDb, account, version }
}

export interface InstallMariadbOptions {
  /** Empty, and the account's. */
  readonly directory: string
  /** Of the only account that can log in, `onerow` from 127.0.0.1. */
  readonly password: string
  /** Options of the server that shape its files. */
  readonly options: readonly string[]
}

/** Makes the system tables and the account in the folder. */
export async function installMariadb(
  { installDb, account }: MariadbPrograms,
  { directory, password, options }: InstallMariadbOptions,
): Promise<void> {
  const accountFile = join(directory, 'account.sql')
  writeFileAs(account, accountFile, accountStatements(password))
  const words = [
    '--no-defaults',
    `--datadir=${directory}`,
    `--tmpdir=${directory}`, // as the server's
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    `--extra-file=${accountFile}`,
  ]
  const installing = run(installDb, [...words, ...options], {
    ...account,
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  const { pid } = installing.child
  const dismiss =
    pid && stopWhenOrphaned(pid, { account, dataDirectory: directory, temporary: true, stopSignal: 'KILL' })
  try {
    await installing
  } catch (cause) {
    throw new Error(`${installDb} could not make the system tables in ${directory}: ${errorText(cause)}`, {
      cause,
    })
  } finally {
    if (dismiss) dismiss()
  }
  rmSync(accountFile)
}

// One statement a line, as the bootstrap reads them. mariadb.sys, which cannot log in, owns system views.
const accountStatements = (password: string): string => `
DELETE FROM mysql.global_priv WHERE User <> 'mariadb.sys';
DELETE FROM mysql.proxies_priv;
FLUSH PRIVILEGES;
CREATE USER 'onerow'@'127.0.0.1' IDENTIFIED BY '${password}';
GRANT ALL ON *.* TO 'onerow'@'127.0.0.1' WITH GRANT OPTION;
`

/** Where a program is: ordinary users have no /usr/sbin on their PATH, where Debian puts the server. */
export function programPath(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path))
}
