import type { Entrant } from '../contestants.ts'
import type { Options } from '../options.ts'
import { workloads } from '../workload.ts'
import type { Workload } from '../workload.ts'

/** Measurements that are made with the same clients. */
export interface Part {
  readonly name: string
  readonly title: string
  readonly contestants: 'all' | 'main'
  readonly workloads: readonly Workload[]
  /** In all: two processes have half of them each. */
  readonly callers: readonly number[]
  readonly processes: number
  /** By how many milliseconds a round trip to the server takes longer. */
  readonly delay: number
}

/** What is run. */
export const plan = [
  {
    name: 'one process',
    title: 'One client process',
    contestants: 'all',
    workloads,
    callers: [1, 16, 64, 256],
    processes: 1,
    delay: 0,
  },
  {
    name: 'two processes',
    title: 'Two client processes',
    contestants: 'main',
    workloads,
    callers: [64, 256],
    processes: 2,
    delay: 0,
  },
  {
    name: '1 ms away',
    title: 'A server 1 ms away: each round trip takes 1 ms longer',
    contestants: 'main',
    workloads: ['hit', 'miss'],
    callers: [1, 64],
    processes: 1,
    delay: 1,
  },
] as const satisfies readonly Part[]

export type PartName = (typeof plan)[number]['name']

/** One figure of the tables: what is measured in every round. */
export interface Cell {
  readonly part: Part
  readonly workload: Workload
  readonly callers: number
}

/** The cells of a part that the options leave. */
export function cellsOf(part: Part, options: Options): readonly Cell[] {
  return part.workloads
    .filter((workload) => options.workloads.includes(workload))
    .flatMap((workload) =>
      part.callers
        .filter((callers) => options.callers?.includes(callers) ?? true)
        .map((callers) => ({ part, workload, callers })),
    )
}

export function takesPart(contestant: Entrant, part: Part, options: Options): boolean {
  return (
    (part.contestants === 'all' || contestant.main === true) &&
    options.only.test(contestant.name) &&
    !isMissing(contestant)
  )
}

export function isMissing(contestant: Entrant): boolean {
  return 'program' in contestant && 'missing' in contestant.program
}

export function does(contestant: Entrant, workload: Workload): boolean {
  return contestant.workloads?.includes(workload) ?? true
}
