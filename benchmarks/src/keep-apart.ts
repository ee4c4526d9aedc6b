import type { Pool } from 'pg'
import type { Client } from './client.ts'
import { allowedProcessors, bind } from './processors.ts'
import { isContestants } from './server-cpu.ts'

/** Whether one caller's client and server can have a processor each; for the settings of the results. */
export async function apart(pool: Pool): Promise<{ readonly "one caller's client and server": string }> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const processors = allowedProcessors()
  // Where it may run already: only to see whether it can be said.
  const isKept = processors.length > 1 && bind([process.pid, ...rows.map(({ pid }) => pid)], processors)
  return {
    "one caller's client and server": isKept ? 'a processor each' : 'wherever the system puts them',
  }
}

/**
 * Has clients run on one processor, and the connections that they have so far on another, until disposed of: as on two machines. Where
 * that cannot be, both stay where they are.
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
  const letGo = () => {
    bind(clientPids, processors)
    bind(serverPids, processors)
  }
  if (!bind(serverPids, [ofServer]) || !bind(clientPids, [ofClients])) letGo()
  return { [Symbol.dispose]: letGo }
}
