import { test } from 'node:test'
import { startCrashingMariadb, startCrashingPostgres } from '@onerow/faults'
import type { CrashingServers } from '@onerow/faults'
import { hasMariadb } from '@onerow/servers'
import { callThroughCrash } from './call-through-crash.ts'
import { systems } from './systems.ts'
import type { EngineName } from './systems.ts'

// The server crashes under load and comes back. Each caller repeats what has failed until it is answered.

const start: { readonly [Name in EngineName]: (() => Promise<CrashingServers>) | string } = {
  postgres: startCrashingPostgres,
  mariadb: hasMariadb() ? startCrashingMariadb : 'MariaDB is not installed',
  sqlite: 'SQLite has no server',
}

for (const system of systems) {
  const name = `${system.name}: the server is killed under load and restarted: nothing lost, nothing twice, none hangs`
  const startServers = start[system.engine]
  if (typeof startServers === 'string') test(name, { skip: startServers })
  else
    test(name, { timeout: 60_000 }, async () => {
      await using servers = await startServers()
      // By default postgres.js does not try again for up to 20 seconds.
      const urls = servers.urls.map((url) => (system.tool === 'postgres-js' ? `${url}?backoff=false` : url))
      await callThroughCrash(system, { ...servers, urls })
    })
}
