import type { AddressInfo } from 'node:net'

import { verifyKeys } from 'onerow'
import { fromPg } from 'onerow/pg'
import type { Pool } from 'pg'

import { createApp } from './app.ts'
import { keys } from './keys.ts'
import { close, listen } from './listen.ts'
import { migrate } from './migrate.ts'
import type { Settings } from './settings.ts'

/** The service, listening. */
export interface Service {
  readonly url: string
  /** Stops listening; the pool stays open. */
  stop(): Promise<void>
}

/**
 * Brings the schema up to date and serves it.
 *
 * @throws Error when the database does not enforce a key, with the statements that mend it
 */
export async function startService(
  pool: Pool,
  { host, port, loopbackOnly }: Omit<Settings, 'dataDirectory'>,
): Promise<Service> {
  await migrate(fromPg(pool))
  await requireKeys(pool)
  const server = await listen(createApp({ pool, loopbackOnly }), { host, port })
  const address = server.address() as AddressInfo // a TCP server's address, once it listens
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${name}:${address.port}`, stop: () => close(server) }
}

async function requireKeys(pool: Pool): Promise<void> {
  const problems = await verifyKeys(fromPg(pool), keys)
  if (problems.length === 0) return
  const list = problems.map(({ key, message, sql }) => `- ${key}: ${message}\n${sql}`)
  throw new Error(`The database does not enforce what this service relies on:\n${list.join('\n')}`)
}
