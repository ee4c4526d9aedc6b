import type { Entrant } from '../contestants.ts'
import { figureOf, markdownTable } from '../markdown-table.ts'
import type { Workload } from '../workload.ts'
import { isSafeOwnCallOfAnOrm, limitOf } from './findings.ts'
import type { Lookup, Place } from './findings.ts'
import type { Part, PartName } from './plan.ts'

/** The calls per second of a workload in a part of the plan, and how they compare. */
export function rateTables(
  { name, callers }: Pick<Part, 'callers'> & { readonly name: PartName },
  workload: Workload,
  { lookup, contestants }: { readonly lookup: Lookup; readonly contestants: readonly Entrant[] },
): string {
  const places = callers
    .map((count) => ({ part: name, workload, callers: count }))
    .filter((place) => contestants.some((contestant) => lookup.rate(place, contestant.name)))
  const measured = contestants.filter((contestant) =>
    places.some((place) => lookup.rate(place, contestant.name)),
  )
  const table = (title: string, cell: (place: Place, contestant: string) => string) =>
    markdownTable(
      [title, ...places.map((place) => `${place.callers} caller${place.callers === 1 ? '' : 's'}`)],
      measured.map((contestant) =>
        [bold(contestant)].concat(places.map((place) => cell(place, contestant.name))),
      ),
    )
  const limit = limitOf(workload)
  return [
    table('calls per second', (place, contestant) => figureOf(lookup.rate(place, contestant))),
    limit && table(`times ${limit}`, (place, contestant) => ratioTo(lookup, place, contestant, limit)),
    table('times the fastest safe own call of an ORM', (place, contestant) =>
      ratioTo(lookup, place, contestant, lookup.fastest(place, isSafeOwnCallOfAnOrm)),
    ),
    `The fastest safe own call of an ORM is ${places.map((place) => fastestOf(lookup, place)).join(', ')}.`,
  ]
    .filter((text) => text !== undefined)
    .join('\n\n')
}

function bold({ name, kind }: Entrant): string {
  return kind === 'onerow' ? `**${name}**` : name
}

function ratioTo(lookup: Lookup, place: Place, contestant: string, other: string | undefined): string {
  return figureOf(other === undefined ? undefined : lookup.ratio(place, contestant, other))
}

function fastestOf(lookup: Lookup, place: Place): string {
  return `${lookup.fastest(place, isSafeOwnCallOfAnOrm) ?? 'not measured'} (${place.callers})`
}
