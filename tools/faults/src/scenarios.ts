import { startCrashingGalera, startCrashingMariadb, startCrashingPostgres } from './crashing-servers.ts'
import type { CrashingServers } from './crashing-servers.ts'
import type { Tool } from './open-tool.ts'

/** One load run. */
export interface Scenario {
  readonly tool: Tool
  readonly start: () => Promise<CrashingServers>
}

/** What `--only` takes, and what it runs. */
export const scenarios: { readonly [Name in string]?: Scenario } = {
  pg: { tool: 'pg', start: startCrashingPostgres },
  'postgres-js': { tool: 'postgres-js', start: startCrashingPostgres },
  mysql2: { tool: 'mysql2', start: startCrashingMariadb },
  mariadb: { tool: 'mariadb', start: startCrashingMariadb },
  'mysql2-galera': { tool: 'mysql2', start: startCrashingGalera },
  'mariadb-galera': { tool: 'mariadb', start: startCrashingGalera },
}
