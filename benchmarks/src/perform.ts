import { callsPerSecond } from './calls-per-second.ts'
import type { AtOnceRequest, CallsRequest, ClientAnswers, LoopRequest } from './client-messages.ts'
import type { GetOrCreate } from './contestant.ts'
import { itemLabel } from './item-table.ts'
import { keysOf } from './workload.ts'

/** What a client process does for each request. */
export const perform = {
  async loop(
    getOrCreate: GetOrCreate,
    { workload, range, rows, ...loop }: LoopRequest,
  ): Promise<ClientAnswers['loop']> {
    const nextKey = keysOf(workload, range, rows)
    const call = () => {
      const { owner, kind } = nextKey()
      return getOrCreate(owner, kind, itemLabel)
    }
    return { perSecond: await callsPerSecond(call, loop) }
  },

  async calls(
    getOrCreate: GetOrCreate,
    { workload, range, calls }: CallsRequest,
  ): Promise<ClientAnswers['calls']> {
    const nextKey = keysOf(workload, range)
    const before = process.cpuUsage()
    for (let call = 0; call < calls; call++) {
      const { owner, kind } = nextKey()
      await getOrCreate(owner, kind, itemLabel)
    }
    const { user, system } = process.cpuUsage(before)
    return { cpu: user + system }
  },

  async atOnce(
    getOrCreate: GetOrCreate,
    { callers, owner, kind, label }: AtOnceRequest,
  ): Promise<ClientAnswers['at once']> {
    const asked = Array.from({ length: callers }, () => getOrCreate(owner, kind, label))
    const rows = await Promise.all(asked)
    // The columns alone: an ORM's row is an object of its own kind.
    return { rows: rows.map((row) => ({ id: row.id, owner: row.owner, kind: row.kind, label: row.label })) }
  },
}
