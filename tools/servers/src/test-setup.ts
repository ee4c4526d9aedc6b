import { fileURLToPath } from 'node:url'

import { openPostgres } from './open-postgres.ts'
import { hasMariadb } from './mariadb-programs.ts'
import { memoryFolder } from './memory-folder.ts'
import { hasPostgres15, postgres15BinDirectory } from './postgres-15.ts'
import { installedEngines, skippedEngines } from './skipped-engines.ts'
import { startMariadb } from './start-mariadb.ts'
import { startPostgres } from './start-postgres.ts'

// State of the module, for want of another way: node --test hands nothing from the setup to the teardown.
const servers = new AsyncDisposableStack()

// Of each suite that runs, two other processes have a pool for each isolation level.
const settings = { max_connections: '600' }

// Each test file is a process, and many start others; to strip the types and compile a data tool takes longer than most tests.
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/node-compile', import.meta.url))

/** Starts the servers that `testDatabase` and `testMariadb` find by their environment variables, once for all test files. */
export async function globalSetup(): Promise<void> {
  process.env['NODE_COMPILE_CACHE'] ??= compileCache
  const skipped = skippedEngines(installedEngines())
  if (skipped !== undefined) console.error(skipped)
  const within = memoryFolder()
  const [current, oldest, mariadb] = await Promise.all([
    openPostgres({ settings, within }),
    hasPostgres15() ? startPostgres({ settings, within, binDirectory: postgres15BinDirectory }) : undefined,
    hasMariadb() ? startMariadb({ within }) : undefined,
  ])
  servers.use(current)
  servers.use(oldest)
  servers.use(mariadb)
  process.env['ONEROW_POSTGRES_URL'] = current.url
  if (oldest) process.env['ONEROW_POSTGRES_15_URL'] = oldest.url
  if (mariadb) process.env['ONEROW_MARIADB_URL'] = mariadb.url
}

/** Stops them. */
export async function globalTeardown(): Promise<void> {
  await servers.disposeAsync()
}
