import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's package `postgresql-15` puts its programs. */
export const postgres15BinDirectory = '/usr/lib/postgresql/15/bin'

/** Whether this machine has PostgreSQL 15, the oldest version that we support. */
export function hasPostgres15(): boolean {
  return existsSync(join(postgres15BinDirectory, 'postgres'))
}
