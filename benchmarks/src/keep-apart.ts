import type { Pool } from 'pg'
import type { Client } from './client.ts'
import { allowedProcessors, bind, canBind } from './processors.ts'
import { isContestants } from './server-cpu.ts'

/** Whether one caller's client and server can have a processor each; for the settings of the results. */
export function apart(): { readonly "one caller's client and server": string } {
  const isKept = allowedProcessors().length > 1 && canBind()
  return {
    "one caller's client and server": isKept ? 'a processor each' : 'wherever the system puts them',
  }
}

/**
 * Has clients run on one processor, and the connections that they have so far on another, until disposed of: as on two machines.
 *
 * A single caller and its connection take turns, and Linux sometimes runs both on one processor and sometimes not, for seconds on
 * end. It takes several times as long to wake somebody on another processor as on the same, on a virtual machine all the more (37 µs
 * for a bare SELECT on one, 80 on two), so that who is measured while they are together looks twice as fast.
 */
export async function keepApart(clients: readonly Client[], pool: Pool): Promise<Disposable> {
  const processors = allowedProcessors()
  const [ofClients, ofServer] = processors
  if (ofClients === undefined || ofServer === undefined) return { [Symbol.dispose]: () => {} }
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where ${isContestants}`,
  )
  const [clientPids, serverPids] = [clients.map(({ pid }) => pid), rows.map(({ pid }) => pid)]
  bind(clientPids, [ofClients])
  bind(serverPids, [ofServer])
  return { [Symbol.dispose]: () => bind([...clientPids, ...serverPids], processors) }
}
