import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { errorText } from './error-text.ts'
import type { ServerAccount } from './server-account.ts'

const run = promisify(execFile)

/** The programs of one PostgreSQL installation, run as the server's account. */
export interface PostgresPrograms {
  readonly binDirectory: string
  readonly account: ServerAccount | undefined
  /** `18.4`, say. */
  readonly version: string
}

/** Asks the installation for its version, which proves that `account` can run its programs. */
export async function postgresPrograms(
  binDirectory: string,
  account: ServerAccount | undefined,
): Promise<PostgresPrograms> {
  const program = join(binDirectory, 'postgres')
  try {
    const { stdout } = await run(program, ['--version'], { ...account, cwd: '/' })
    // Debian's prints "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
    const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1]
    if (version === undefined) throw new Error(`It says: ${stdout}`)
    return { binDirectory, account, version }
  } catch (cause) {
    throw new Error(
      `${program} cannot be run${account ? ` by the server's user, uid ${account.uid}` : ''}: ` +
        `${errorText(cause)}\nGive the folder of another PostgreSQL as binDirectory, or set DATABASE_URL to a ` +
        'server that runs already.',
      { cause },
    )
  }
}

/** Makes a cluster in `directory`, which is empty. It listens nowhere yet, and trusts who can connect. */
export async function initdb(
  programs: PostgresPrograms,
  directory: string,
  options: readonly string[],
): Promise<void> {
  // macOS has no C.UTF-8 before version 15.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'
  const cluster = ['-D', directory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', `--locale=${locale}`]
  try {
    await run(join(programs.binDirectory, 'initdb'), [...cluster, '--no-instructions', ...options], {
      ...programs.account,
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    })
  } catch (cause) {
    throw new Error(`initdb could not make a cluster in ${directory}: ${errorText(cause)}`, { cause })
  }
}
