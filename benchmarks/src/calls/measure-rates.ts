import { openClient } from '../client.ts'
import type { Client } from '../client.ts'
import type { Entrant } from '../contestants.ts'
import { refillItemTable } from '../item-table.ts'
import { startDelayingProxy } from '../start-delaying-proxy.ts'
import type { Workload } from '../workload.ts'
import { urlAt } from './bench.ts'
import type { Bench } from './bench.ts'
import { cellsOf, does, takesPart } from './plan.ts'
import type { Cell, Part } from './plan.ts'

/** The calls per second of one contestant in one cell. */
export interface Rates {
  readonly part: string
  readonly workload: Workload
  readonly callers: number
  readonly contestant: string
  /** One for each round. */
  readonly perSecond: number[]
}

type Clients = Map<Entrant, readonly Client[]>

/** All rounds of a part of the plan. In each, the contestants take turns within each cell, every time another one first. */
export async function measurePart(part: Part, bench: Bench): Promise<readonly Rates[]> {
  const { options, progress } = bench
  const cells = cellsOf(part, options)
  if (cells.length === 0) return []
  await using distant = part.delay > 0 ? await startDelayingProxy(bench.server.port, part.delay) : undefined
  const clients: Clients = new Map()
  const rates: Rates[] = []
  try {
    progress(`${part.name}: the contestants open their connections`)
    await openAll(clients, part, urlAt(bench.server, distant?.port), bench)
    for (let round = 1; round <= options.rounds; round++) {
      for (const [index, cell] of cells.entries()) {
        progress(
          `${part.name}: round ${round} of ${options.rounds}, ${cell.workload}, ${cell.callers} callers`,
        )
        for (const contestant of rotated([...clients.keys()], round + index))
          await takeTurn(contestant, cell, { clients, rates, bench })
      }
    }
  } finally {
    await Promise.all([...clients.values()].flat().map((client) => client.close()))
  }
  return rates
}

async function openAll(clients: Clients, part: Part, url: string, bench: Bench): Promise<void> {
  for (const contestant of bench.contestants) {
    if (!takesPart(contestant, part, bench.options)) continue
    const opening = Array.from({ length: part.processes }, () => openClient(contestant, url))
    const opened = await bench.attempt(`${part.name}: ${contestant.name}`, async () => {
      const its = await Promise.all(opening)
      // All connections opened, and the code compiled, before the first turn.
      const [workload = 'hit'] = contestant.workloads ?? []
      await refillItemTable(bench.pool)
      await measure(its, { workload, callers: 64 }, 500)
      return its
    })
    if (opened) clients.set(contestant, opened)
    else await closeAll(opening)
  }
}

/** Those of a contestant that were opened, although something failed. */
async function closeAll(opening: readonly Promise<Client>[]): Promise<void> {
  for (const result of await Promise.allSettled(opening)) {
    if (result.status === 'fulfilled') await result.value.close()
  }
}

interface Turns {
  readonly clients: Clients
  readonly rates: Rates[]
  readonly bench: Bench
}

async function takeTurn(contestant: Entrant, cell: Cell, { clients, rates, bench }: Turns): Promise<void> {
  const { part, workload, callers } = cell
  const its = clients.get(contestant)
  if (!its || !does(contestant, workload)) return
  await refillItemTable(bench.pool)
  const where = `${part.name}, ${workload}, ${callers} callers: ${contestant.name}`
  const rate = await bench.attempt(where, () => measure(its, cell, bench.options.milliseconds))
  if (rate === undefined) return
  const place = { part: part.name, workload, callers, contestant: contestant.name }
  const known = rates.find(
    (each) => each.workload === workload && each.callers === callers && each.contestant === contestant.name,
  )
  if (known) known.perSecond.push(rate)
  else rates.push({ ...place, perSecond: [rate] })
}

async function measure(
  clients: readonly Client[],
  { workload, callers }: Pick<Cell, 'workload' | 'callers'>,
  milliseconds: number,
): Promise<number> {
  const request = { workload, callers: callers / clients.length, warmUp: milliseconds / 3, milliseconds }
  const rates = await Promise.all(clients.map((client, range) => client.loop({ ...request, range })))
  return rates.reduce((sum, { perSecond }) => sum + perSecond, 0)
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
