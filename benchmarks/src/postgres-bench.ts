import type { PostgresServer } from '@onerow/servers'
import { Pool } from 'pg'
import { createItemTable } from './item-table.ts'
import { startBenchmarkServer } from './server.ts'

/** A server with the table. */
export interface PostgresBench {
  readonly server: PostgresServer
  /** Of one connection, so that every other one is a contestant's. */
  readonly pool: Pool
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export async function openPostgresBench(): Promise<PostgresBench> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startBenchmarkServer())
  const pool = new Pool({ connectionString: server.url, max: 1, idleTimeoutMillis: 0 })
  // `end` resolves before the connection is closed, which the server then tells when it stops.
  pool.on('error', () => {})
  stack.defer(() => pool.end())
  await createItemTable(pool)
  const opened = stack.move()
  return { server, pool, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
