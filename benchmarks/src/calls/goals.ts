import type { Entrant } from '../contestants.ts'
import { figure, figureOf, markdownTable } from '../markdown-table.ts'
import type { Workload } from '../workload.ts'
import { isSafeByHand, isSafeOwnCallOfAnOrm, limitOf, lookupIn } from './findings.ts'
import type { Findings, Lookup, Place } from './findings.ts'

const near = (workload: Workload, callers: number): Place => ({ part: 'one process', workload, callers })
const far = (workload: Workload, callers: number): Place => ({ part: '1 ms away', workload, callers })

/** Where onerow is held against the bare statement. */
const againstLimits: readonly Place[] = [
  ...[1, 16, 64, 256].map((callers) => near('hit', callers)),
  ...[1, 16, 64].map((callers) => near('miss', callers)),
  near('hot key', 64),
]

/** Where it is held against what an ORM has for the purpose, and against what one writes by hand. */
const againstOthers: readonly Place[] = [
  near('hit', 1),
  near('hit', 64),
  near('miss', 1),
  near('miss', 64),
  near('hot key', 64),
]

/** Through a data tool, against that tool's own find. */
const againstFinds = [
  ['Drizzle: onerow', 'Drizzle: select'],
  ['Drizzle: onerow', 'Drizzle: prepared select'],
  ['Kysely: onerow', 'Kysely: select'],
  ['Prisma: onerow', 'Prisma: findUnique'],
] as const

const us = 'pg: onerow'

/** What onerow sets out to reach, as ratios of calls per second in the same round. */
export function goals(findings: Findings, contestants: readonly Entrant[]): string {
  const lookup = lookupIn(findings, contestants)
  const ratios = [
    ...againstLimits.map((place) => ratio(lookup, place, us, limitOf(place.workload))),
    ...againstOthers.map((place) => ratio(lookup, place, us, lookup.fastest(place, isSafeOwnCallOfAnOrm))),
    ...againstOthers.map((place) => ratio(lookup, place, us, lookup.fastest(place, isSafeByHand))),
    ...againstFinds.map(([through, find]) => ratio(lookup, near('hit', 1), through, find)),
  ].flat()
  const head = ['workload', 'callers', 'who', 'against whom', 'calls per second', 'theirs', 'ratio']
  return `${markdownTable(head, ratios, (column) => (column === 0 || column === 2 || column === 3 ? 'left' : 'right'))}

${latencies(lookup)}`
}

function ratio(
  lookup: Lookup,
  place: Place,
  who: string,
  against: string | undefined,
): readonly (readonly string[])[] {
  if (against === undefined) return []
  const [ours, theirs] = [lookup.rate(place, who), lookup.rate(place, against)]
  const ratios = lookup.ratio(place, who, against)
  if (!ratios) return []
  const figures = [
    figure(ours?.median),
    figure(theirs?.median),
    figureOf(ratios, (value) => value.toFixed(2)),
  ]
  return [[place.workload, String(place.callers), who, against, ...figures]]
}

/**
 * How many round trips a call waits for: by how much longer it takes with the delay than without, in terms of how much longer
 * the bare SELECT takes, which waits for one. That is the delay and what the proxy takes itself.
 */
function latencies({ rate }: Lookup): string {
  const millisecondsAt = (place: Place, contestant: string) =>
    1000 / (rate(place, contestant)?.median ?? Number.NaN)
  const delayOf = (contestant: string, workload: Workload) =>
    millisecondsAt(far(workload, 1), contestant) - millisecondsAt(near(workload, 1), contestant)
  const roundTrip = delayOf('pg: SELECT', 'hit')
  if (Number.isNaN(roundTrip)) return ''
  const cellsOf = (contestant: string) => (workload: Workload) => [
    figure(millisecondsAt(far(workload, 1), contestant)),
    figure(delayOf(contestant, workload) / roundTrip),
  ]
  const contestants = ['pg: SELECT', 'pg: INSERT', 'pg: careful loop', us, 'pg: onerow, coalesce: false']
  const rows = contestants.map((name) => [name].concat((['hit', 'miss'] as const).flatMap(cellsOf(name))))
  const head = ['1 ms away, 1 caller', 'a hit: ms', 'round trips', 'a miss: ms', 'round trips']
  return `A round trip is by how much longer a bare SELECT takes with the delay than without: ${figure(roundTrip)} ms. (Without it, the
client and the server have a processor each, and with it the system puts them where it likes.)

${markdownTable(head, rows)}`
}
