import { hasGalera } from './galera-programs.ts'
import { installCommand } from './install-command.ts'
import { hasMariadb } from './mariadb-programs.ts'
import { hasPgbouncer } from './pgbouncer-programs.ts'
import { hasPostgres15 } from './postgres-15.ts'

/** Which of the engines, and of what stands before them, that do not come with npm a machine has. */
export interface InstalledEngines {
  readonly postgres15: boolean
  readonly pgbouncer: boolean
  readonly mariadb: boolean
  readonly galera: boolean
}

/** What this machine has. */
export function installedEngines(): InstalledEngines {
  return {
    postgres15: hasPostgres15(),
    pgbouncer: hasPgbouncer(),
    mariadb: hasMariadb(),
    galera: hasGalera(),
  }
}

/** What to tell of the engines whose tests are skipped; undefined when none are. */
export function skippedEngines({
  postgres15,
  pgbouncer,
  mariadb,
  galera,
}: InstalledEngines): string | undefined {
  const engines = [
    ...(postgres15 ? [] : ['PostgreSQL 15']),
    ...(pgbouncer ? [] : ['PgBouncer']),
    ...(mariadb ? [] : ['MariaDB']),
    ...(galera ? [] : ['MariaDB Galera']),
  ]
  if (engines.length === 0) return undefined
  const commands = [
    ...(postgres15 ? [] : [installCommand.postgres15]),
    ...(pgbouncer ? [] : [installCommand.pgbouncer]),
    ...(mariadb && galera ? [] : [installCommand.mariadb]),
  ]
  return [
    `Not installed, so its tests are skipped: ${engines.join(', ')}. On Debian and Ubuntu, this adds it:`,
    ...commands.map((command) => `  ${command}`),
  ].join('\n')
}
