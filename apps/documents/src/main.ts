import { join } from 'node:path'

import { openPostgres, reachableDataDirectory } from '@onerow/servers'

import { openPool } from './open-pool.ts'
import { startService } from './service.ts'
import { readSettings } from './settings.ts'

/** Serves until `ended` resolves. */
async function main(ended: Promise<unknown>): Promise<void> {
  const settings = readSettings(process.env)
  const dataDirectory = settings.dataDirectory ?? usualDataDirectory()
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await openPostgres({ dataDirectory, database: 'documents' }))
  const { pool } = stack.use(openPool(postgres.url))
  const service = stack.adopt(await startService(pool, settings), (service) => service.stop())
  console.log(`Documents: ${service.url}`)
  console.log(`Data:      ${postgres.embedded ? dataDirectory : 'in the database of DATABASE_URL'}`)
  console.log(`PostgreSQL ${postgres.version}. Ctrl-C stops it; the data stay.`)
  await ended
}

function usualDataDirectory(): string {
  return reachableDataDirectory(join(import.meta.dirname, '../../../data/documents'), 'documents')
}

const ended = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve)
})

try {
  await main(ended)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
