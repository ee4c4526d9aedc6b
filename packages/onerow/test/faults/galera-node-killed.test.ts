import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCrashingGalera } from '@onerow/faults'
import { hasGalera, installCommand } from '@onerow/servers'
import { callThroughCrash } from './call-through-crash.ts'
import { systems } from './systems.ts'

// One of three nodes crashes under load and joins again, under load too. Its callers go to the others meanwhile. In the end
// all nodes have the same rows.

for (const system of systems.filter(({ engine }) => engine === 'mariadb')) {
  const name = `${system.name} Galera: a node is killed under load and joins again: nothing lost, nothing twice, none hangs`
  test(
    name,
    hasGalera() ? { timeout: 180_000 } : { skip: `Galera is not installed: ${installCommand.mariadb}` },
    async () => {
      await using servers = await startCrashingGalera()
      assert.ok(servers)
      await callThroughCrash(system, servers, 'set session wsrep_sync_wait = 1')
    },
  )
}
