import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { installCommand } from './install-command.ts'
import { programPath } from './mariadb-programs.ts'
import { serverAccount, type ServerAccount } from './server-account.ts'

const run = promisify(execFile)

/** The PgBouncer of this machine, run as the account that PostgreSQL's servers run as. */
export interface PgbouncerPrograms {
  readonly pgbouncer: string
  readonly account: ServerAccount | undefined
  /** `1.18.0`, say. */
  readonly version: string
}

/** Whether this machine has PgBouncer. */
export function hasPgbouncer(): boolean {
  return programPath('pgbouncer') !== undefined
}

/** Finds it, and asks it for its version, which proves that `account` can run it. */
export async function pgbouncerPrograms(): Promise<PgbouncerPrograms> {
  const pgbouncer = programPath('pgbouncer')
  if (pgbouncer === undefined) {
    throw new Error(
      `PgBouncer is not installed: there is no pgbouncer on PATH or in /usr/sbin. ` +
        `Debian's is added by: ${installCommand.pgbouncer}`,
    )
  }
  const account = serverAccount()
  const { stdout } = await run(pgbouncer, ['--version'], { ...account, cwd: '/' })
  const version = /PgBouncer ([\d.]+)/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`${pgbouncer} is no PgBouncer. It says: ${stdout}`)
  return { pgbouncer, account, version }
}
