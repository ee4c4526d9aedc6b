import { loopOf } from '../calls-per-second.ts'
import { openClient } from '../client.ts'
import type { Client } from '../client.ts'
import type { Entrant } from '../contestants.ts'
import { rotated } from '../in-turns.ts'
import { refillItemTable } from '../item-table.ts'
import { keepApart } from '../keep-apart.ts'
import { median } from '../statistics.ts'
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
  /** One for each round; null where that failed. */
  readonly perSecond: (number | null)[]
}

type Clients = Map<Entrant, readonly Client[]>

/**
 * In how many slices one caller's time in a round is measured, all contestants taking turns in each. A caller alone is at the mercy
 * of how fast the machine is just then, which changes from one second to the next: the slices are short enough to share that. Of
 * them the median counts.
 */
const slicesOfOneCaller = 5

/**
 * All rounds of a part of the plan, after one that does not count. In each, the contestants take turns within each cell, every time
 * another one first.
 */
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
    for (let round = 0; round <= options.rounds; round++) {
      for (const [index, cell] of cells.entries()) {
        const which = round === 0 ? 'the round that does not count' : `round ${round} of ${options.rounds}`
        progress(`${part.name}: ${which}, ${cell.workload}, ${cell.callers} callers`)
        await takeTurns({ ...cell, round, first: round + index }, { clients, rates, bench })
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
    const opened = await bench.attempt(`${part.name}: ${contestant.name}`, () => Promise.all(opening))
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

interface Turn extends Cell {
  readonly round: number
  /** The place of the contestant that begins. */
  readonly first: number
}

interface Turns {
  readonly clients: Clients
  readonly rates: Rates[]
  readonly bench: Bench
}

/** What each contestant does in one cell in one round. */
async function takeTurns(turn: Turn, { clients, rates, bench }: Turns): Promise<void> {
  const { part, workload, callers, round, first } = turn
  const taking = [...clients].filter(([contestant]) => does(contestant, workload))
  const slices = round > 0 && callers === 1 ? slicesOfOneCaller : 1
  const milliseconds = bench.options.milliseconds / (slices > 1 ? 2 : 1)
  using _ =
    callers === 1 && part.delay === 0 ? await keepApart([...clients.values()].flat(), bench.pool) : undefined
  const measured = new Map<Entrant, (number | undefined)[]>()
  for (let slice = 0; slice < slices; slice++) {
    for (const [contestant, its] of rotated(taking, first + slice)) {
      // Also after hits, on which some tools write a new version of the row.
      await refillItemTable(bench.pool)
      const where = `${part.name}, ${workload}, ${callers} callers: ${contestant.name}`
      const rate = await bench.attempt(where, () => measure(its, turn, milliseconds))
      measured.set(contestant, [...(measured.get(contestant) ?? []), rate])
    }
  }
  if (round === 0) return
  for (const [{ name }, its] of measured) {
    const known = its.filter((rate) => rate !== undefined)
    ratesOf(name, turn, rates).push(known.length === slices ? median(known) : null)
  }
}

function ratesOf(contestant: string, { part, workload, callers }: Cell, rates: Rates[]): Rates['perSecond'] {
  const known = rates.find(
    (each) => each.workload === workload && each.callers === callers && each.contestant === contestant,
  )
  if (known) return known.perSecond
  const perSecond: Rates['perSecond'] = []
  rates.push({ part: part.name, workload, callers, contestant, perSecond })
  return perSecond
}

async function measure(
  clients: readonly Client[],
  { workload, callers, round }: Turn,
  milliseconds: number,
): Promise<number> {
  const request = { workload, ...loopOf(round, callers / clients.length, milliseconds) }
  const rates = await Promise.all(clients.map((client, range) => client.loop({ ...request, range })))
  return rates.reduce((sum, { perSecond }) => sum + perSecond, 0)
}
