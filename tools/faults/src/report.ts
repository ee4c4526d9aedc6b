import { readFileSync } from 'node:fs'
import type { Outcome } from './run-scenario.ts'
import { total } from './tally.ts'

/** Why a run does not show what it is to show; nothing, if it does. */
export function faultsOf(outcome: Outcome): readonly string[] {
  const { broken, differing, hung, errors } = outcome
  return [
    ...Object.entries(broken).flatMap(([promise, places]: [string, readonly string[]]) =>
      places.map((place) => `${promise}: ${place}`),
    ),
    ...differing.map((url) => `other rows than the first server has: ${new URL(url).host}`),
    ...(hung === 0 ? [] : [`${hung} calls hang`]),
    ...(total(Object.values(errors)) === 0 ? ['the crash has met no call'] : []),
  ]
}

const figures: readonly (readonly [name: string, of: (outcome: Outcome) => string | number])[] = [
  ['calls answered', ({ answered }) => answered],
  ['errors told', ({ errors }) => counts(errors)],
  ['got over by onerow', ({ retries }) => counts(retries)],
  ['server away, s', ({ outage }) => outage.toFixed(1)],
  ['longest call, s', ({ longest }) => (longest / 1000).toFixed(1)],
  ['rows', ({ rows }) => rows],
  ['told as created', ({ created }) => created],
  ['**duplicates**', ({ broken }) => broken.duplicates.length],
  ['**told, and not there**', ({ broken }) => broken.lost.length],
  ['**told as created twice**', ({ broken }) => broken.createdTwice.length],
  ['**additions lost or doubled**', ({ broken }) => broken.wrongSums.length],
  ['**calls that hang**', ({ hung }) => hung],
  ['**servers that differ**', ({ differing }) => differing.length],
]

/** The figures as a Markdown table, a column for each run. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = [
    ['', ...outcomes.map(({ tool, servers }) => `${tool}<br>${servers}`)],
    ['---', ...outcomes.map(() => '---:')],
    ...figures.map(([name, of]) => [name].concat(outcomes.map((outcome) => String(of(outcome))))),
  ]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** The page in docs/. */
export function pageOf(outcomes: readonly Outcome[], seconds: number): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../../../packages/onerow/package.json', import.meta.url), 'utf8'),
  )
  return `# A server crashes under load

<!-- Made by \`npm run faults\`; do not edit. -->

onerow ${version}, ${seconds} seconds each. 64 callers in two processes call \`getOrCreate\` and \`updateOrCreate\`, by values and by function,
for rows that all want, rows that all want at the same moment, and rows that only one wants. After a third of the time the
server is killed with SIGKILL, all of its processes at once, and started again; of a cluster, one node is, which loses its
data and copies it from the others. A call that fails is repeated until it is answered. In the end, what callers were told is
compared with what is there.

${tableOf(outcomes)}

- *Errors told*: the data tool's own errors, by code, as the callers got them. All of them come from the crash, and most from
  repeats while the server was away. *Got over by onerow*: deadlocks and other lost races, of which callers did not hear.
- *Told as created*: fewer than the rows, as the answers that were under way in the crash were told to nobody.
- *Told as created twice*: rows that two callers were told to have made.
- *Additions*: each fourth call adds one to a row's amount by an \`update\` function. The amount must be what was told, or up to
  as much more as there were such calls that failed: whether those were done before the crash, nobody was told.
- The lines in bold must be 0; the command fails when they are not.
`
}

function counts(tally: Readonly<Record<string, number>>): string {
  const entries = Object.entries(tally)
  return entries.length === 0 ? '0' : entries.map(([name, count]) => `${count} × ${name}`).join('<br>')
}
