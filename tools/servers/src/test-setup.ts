import { openPostgres } from './open-postgres.ts'
import { hasPostgres15, postgres15BinDirectory } from './postgres-15.ts'
import { startPostgres } from './start-postgres.ts'

// State of the module, for want of another way: node --test hands nothing from the setup to the teardown.
const servers = new AsyncDisposableStack()

const settings = { max_connections: '300' }

/** Starts the servers that `testDatabase` finds by their environment variables, once for all test files. */
export async function globalSetup(): Promise<void> {
  const [current, oldest] = await Promise.all([
    openPostgres({ settings }),
    hasPostgres15() ? startPostgres({ settings, binDirectory: postgres15BinDirectory }) : undefined,
  ])
  servers.use(current)
  servers.use(oldest)
  process.env['ONEROW_POSTGRES_URL'] = current.url
  if (oldest) process.env['ONEROW_POSTGRES_15_URL'] = oldest.url
}

/** Stops them. */
export async function globalTeardown(): Promise<void> {
  await servers.disposeAsync()
}
