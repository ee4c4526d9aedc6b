import { cellName } from './cell.ts'
import type { Result } from './run-cell.ts'
import { seed } from './run-cell.ts'
import type { EngineRun } from './run-proofs.ts'
import { coverageTable, summaryTable, verbTable } from './tables.ts'
import { anchor, sumOf, thousands } from './text.ts'

/** docs/proofs.md, made of nothing but the runs. */
export function documentOf(runs: readonly EngineRun[]): string {
  return (
    [
      introduction(runs),
      ...runs.map(summary),
      coverage(runs),
      pictures(runs),
      legend,
      ...runs.map(details),
    ].join('\n\n') + '\n'
  )
}

function introduction(runs: readonly EngineRun[]): string {
  const results = runs.flatMap((run) => run.results)
  const names = runs.map(({ engine }) => engine)
  const schedules = thousands(sumOf(results, ({ report }) => report.schedules))
  return `# onerow, in every order

<!-- Written by \`npm run proofs\`. Do not edit it. -->

A race is an order of statements. The test that starts ten threads and hopes sees a few orders, and not the same ones the next
time. Here [@onerow/race](../packages/race) holds back each statement of each session at the driver and sends them in one order
after another, on a real server. ${schedules} schedules on ${names.join(' and ')}.

The ways to get or create a row run in the same places:

- *read, then write*: a SELECT; if it finds nothing, an INSERT; else what the verb does with the row;
- *with a check in \`save()\`*: the same, and before the INSERT a second look, in application code, that refuses;
- *read, then write, unique index*: the first again, on a table with a unique index, without any handling of its error;
- *onerow*, on the same table with the same index;
- *onerow, after a hundred hits*, or *misses*: on PostgreSQL, when a hundred calls of a key in a row have found a row, or made one,
  the next ones send other statements. The hundred are made before each schedule, with other rows.

After each schedule the rows are counted, and compared with what the callers were told. \`npm run proofs\` writes this page in about
a quarter of an hour, and fails when a number in a line of onerow's is not what onerow promises: no second row, no lost update, no
false answer, no error but \`already-exists\` of \`createUnique\`, and in a transaction of the caller's own \`retry-transaction\` (at
SERIALIZABLE also the server's 40001 to the caller's own COMMIT; between two callers at READ COMMITTED neither).

${names.map((name) => `- ${name}: [in sum](#${anchor(name)}), [in detail](#${anchor(detailsOf(name))})`).join('\n')}
- [What is exhaustive, and what is sampled](#what-is-exhaustive-and-what-is-sampled)
- [Two schedules, drawn](#two-schedules-drawn) and [how to read the details](#how-to-read-the-details)`
}

function coverage(runs: readonly EngineRun[]): string {
  return `## What is exhaustive, and what is sampled

A cell of the tables below is one way, one verb, at one level, by these callers. It is *exhaustive* when all of its schedules were
run: there is no other order of the statements, but for those that differ only in the order of neighbouring statements that cannot
concern each other. It is *sampled* when there are more of them than time: the first ones were run in order, as far as the extent
goes, and then random ones, drawn with the seed ${seed}. Its zeros speak of those schedules alone. The cells of onerow's:

${coverageTable(runs)}`
}

const summary = ({ engine, results }: EngineRun): string => `## ${engine}\n\n${summaryTable(results)}`

const detailsOf = (engine: string) => `${engine}, in detail`

function details({ engine, results }: EngineRun): string {
  const byVerb = Map.groupBy(results, ({ cell }) => cell.verb.name)
  const tables = [...byVerb].map(([verb, ofVerb]) => `### ${verb} (${engine})\n\n${verbTable(ofVerb)}`)
  return [`## ${detailsOf(engine)}`, ...tables].join('\n\n')
}

function pictures(runs: readonly EngineRun[]): string {
  const violated = runs.flatMap((run) => run.results).filter(({ report }) => report.violations.length > 0)
  const drawn = (['naive', 'check'] as const).flatMap(
    (way) => violated.find(({ cell }) => cell.way === way && cell.scope === 'transaction') ?? [],
  )
  return [
    `## Two schedules, drawn

The first of those found for the code by hand, with the fewest switches between callers. Time goes down; a column is a session.`,
    ...drawn.map(picture),
  ].join('\n\n')
}

function picture({ cell, report }: Result): string {
  // The summary comes first, with the time that it took, which is another each time.
  const [, ...rest] = String(report).split('\n\n')
  const [violation] = report.violations
  return `\`npm run proofs -- '${cellName(cell)}' '${violation?.replay ?? ''}'\`

\`\`\`
${rest.join('\n\n').replace(/\nTo see it again.*/, '')}
\`\`\``
}

const legend = `## How to read the details

A line says in what the calls run, who takes part, and at which level; a column is a way. A cell says

- how many schedules were run. \`12\`: all there are. \`~60\`: a sample of them. \`†\`: the same schedule did not always go the same
  way: something else decides too, such as whom the server lets go on of several who wait, or ends in a deadlock;
- in how many of them there were two rows, a lost update or a false answer. *Lost update*: the count is less than how many were told
  that they had counted, two were told the same count, or the name is that of nobody who was told to have set it. *False answer*:
  a caller was told that it has created a row, and another was told the same of it, or nobody was; or was given a row that is not
  there, though nobody has deleted it;
- how many callers were told an error, by its kind: onerow's, or the server's code. MariaDB's 1062 is \`ER_DUP_ENTRY\`, 1213
  \`ER_LOCK_DEADLOCK\`, 1020 \`ER_CHECKREAD\`. \`not allowed\` is what the check says.

Who takes part: *one that creates by hand* reads and inserts in a transaction and commits; *one that rolls back* inserts in a
transaction and rolls back; *one that deletes* finds the row there and deletes it, in a transaction. Their own errors are not counted.
The lists of \`getOrCreateMany\` and \`updateOrCreateMany\` are of two rows, which the second caller and those by hand take in the
opposite order.
*A transaction by hand* is BEGIN, the call, COMMIT; onerow's comes after a read of another table, so that its snapshot is older than
the call. \`transaction(db, …)\` is onerow's, which runs its work again. onerow's calls do not travel together here
(\`coalesce: false\`): together, they would be one session. \`createUnique\` goes by \`getOrCreate\`, so that it was not run after
a hundred hits or misses once more.

What this does not show: what a server does inside of one statement, which it may interleave with another's, is up to the server;
nor more than three sessions, nor schedules that no seed has drawn. The load tests and the isolation matrix
([isolation.md](isolation.md)) look there.`
