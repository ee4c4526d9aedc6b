import { loopOf } from '../calls-per-second.ts'
import type { LoopRequest } from '../client-messages.ts'
import { openClient } from '../client.ts'
import type { Client } from '../client.ts'
import type { Entrant } from '../contestants.ts'
import { rotated } from '../in-turns.ts'
import { renewItemTable } from '../item-table.ts'
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
 * In how many slices a contestant's time in a round is measured, all of them taking turns in each: how fast the machine is changes
 * from one second to the next, and the slices are short enough to share that. A caller alone feels it most. Of the slices the median
 * counts. Hundreds of callers take so long to have two calls each that they have one.
 */
function slicesOf({ round, callers }: Turn): number {
  if (round === 0) return 1
  if (callers === 1) return 5
  return callers > 64 ? 1 : 3
}

/** What a process does before all else, and a shorter time before each workload of each round. */
const warmUp = { callers: 16, warmUp: 0, milliseconds: 4000 }
const warmAgain = { ...warmUp, milliseconds: 250 }

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
        if (cell.workload !== cells[index - 1]?.workload) await warmAll(clients, cell, bench)
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
    if (!opened) await closeAll(opening)
    else {
      clients.set(contestant, opened)
      const workload = bench.options.workloads.find((each) => does(contestant, each))
      if (workload) await warm([contestant, opened], { ...warmUp, workload }, part, bench)
    }
  }
}

/**
 * The more a process has done, the better its code is compiled and the larger its heap, and while it does nothing it gives of that
 * back: and some have fewer workloads than others.
 */
async function warm(
  [contestant, clients]: readonly [Entrant, readonly Client[]],
  loop: Omit<LoopRequest, 'range'>,
  { name }: Part,
  { attempt, pool }: Bench,
): Promise<void> {
  await renewItemTable(pool)
  await attempt(`${name}: ${contestant.name}`, () =>
    Promise.all(clients.map((client, range) => client.loop({ ...loop, range }))),
  )
}

async function warmAll(clients: Clients, { part, workload }: Cell, bench: Bench): Promise<void> {
  for (const each of clients) {
    if (does(each[0], workload)) await warm(each, { ...warmAgain, workload }, part, bench)
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
  const slices = slicesOf(turn)
  const milliseconds = bench.options.milliseconds / (slices > 1 ? 2 : 1)
  using _ =
    callers === 1 && part.delay === 0 ? await keepApart([...clients.values()].flat(), bench.pool) : undefined
  const measured = new Map<Entrant, (number | undefined)[]>()
  for (let slice = 0; slice < slices; slice++) {
    for (const [contestant, its] of rotated(taking, first + slice)) {
      // Also after hits, on which some tools write a new version of the row.
      await renewItemTable(bench.pool)
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
