import { advice } from './advice.ts'
import { answer } from './claims.ts'
import { matrixTables } from './matrix-tables.ts'
import { naiveTable } from './naive-tables.ts'
import type { EngineRun } from './run-isolation.ts'
import { anchor } from './text.ts'

/** docs/isolation.md, made of nothing but the runs. */
export function documentOf(runs: readonly EngineRun[]): string {
  return (
    [introduction(runs), storyOne(runs), legend, whatToDo(runs), ...runs.map(engineSection)].join('\n\n') +
    '\n'
  )
}

function introduction(runs: readonly EngineRun[]): string {
  const names = runs.map(({ engine }) => engine.name)
  const races = runs.reduce((sum, { cells, naive }) => sum + cells.length + naive.length, 0)
  return `# When a rival comes in between

<!-- Written by \`npm run isolation\`. A test compares it with a new run; do not edit it. -->

You ask for the row with a key. At the same moment somebody else, the rival, inserts that row, deletes it or changes it. What
are you told, what is in the table afterwards, and what has become of the rest of your transaction? It depends on the engine,
on the isolation level, on whether your call is in a transaction, and on how the rival ends. This page lists it.

Nothing on it is typed by hand. \`npm run isolation\` arranges ${races} races on real servers and writes down how they end; the
sentences below are checked against the results, too. No race is left to luck: a statement goes out when the other side's is
seen to be done, or seen to be held up by a lock. Run on: ${names.join(', ')}.

- [Do transactions and savepoints help?](#do-transactions-and-savepoints-help)
- [How to read the tables](#how-to-read-the-tables), and [what to do with each answer](#what-to-do-with-each-answer)
- The tables: ${names.map((name) => `[${name}](#${anchor(name)})`).join(', ')}`
}

function storyOne(runs: readonly EngineRun[]): string {
  return `## Do transactions and savepoints help?

Get-or-create as everybody writes it first: read; if there is nothing, insert. Two callers at once both read nothing, and both
insert. Does it help to put that into a transaction, to raise the isolation level, to use a savepoint?

**No: only a unique constraint stops the second row, whatever the others do. With one, transaction, level and savepoint merely
decide what the loser is told.** In detail:

${answer(runs)}

How many rows there are in the end, and what the caller was told, with a rival between its read and its insert. The rival runs
the *same code* and commits *first*, before the caller's insert, or *later*, when that has been made or is held up by the
rival's; or the rival inserts *blindly*, without a read. With a savepoint, the caller who is refused goes back to it and reads
again: \`then found\`, \`then not found\`.

Without a unique index:

${naiveTable(runs, false)}

With a unique index:

${naiveTable(runs, true)}`
}

const legend = `## How to read the tables

Each engine has an index: what \`getOrCreate\` said when a rival inserted the row and committed, and which table has the rest. In
a table, a row says what the rival does, a column which call it meets. When the rival commits

- *before the call*: the caller's transaction has read the row, or that there is none, so its snapshot is older than the rival;
- *inside the call*: the call has read and is about to write. (Here \`create\` and \`update\` give their values as functions. Given
  plain values, onerow reads and writes in one statement on PostgreSQL, and there is no such moment.)
- *during the call*: the rival's change was there before the call, not committed. The rival ends when the call is held up by it.

A cell says, in this order:

- what the call said: an outcome, or the \`kind\` of onerow's error. *again*: what the same call said after ROLLBACK TO SAVEPOINT.
  *run 2*: \`transaction\` ran the work twice. *old values*: the row was given as it was before the rival's update.
- how many rows with the key there are when all is over: never two. *no row*: the rival has deleted it.
- *kept* or *lost*: whether the other write of the caller's transaction is there. The caller commits whatever the call said, to
  show what is left of the transaction; in \`transaction(db, work)\` an error rolls back. The other write comes before the call,
  but on SQLite in a transaction that has only read: there it comes after, since it would lock the whole database.
- *rival waits*: the engine let nobody in between; the rival had to wait until the caller was done, and then went on or got an
  error. *no wait*: the call had its answer before the rival ended. *reads only*: the call found its row and wrote nothing, so
  that there was nothing to come in between.

A lock is waited for, but on SQLite: there everything runs in one process, without a timeout, so whoever meets a lock is
refused at once and tries again when it is gone. That gives the same results: where SQLite would wait at all, it tries the
same again; and a transaction that has read never waits for the write lock, whatever the timeout.`

function whatToDo(runs: readonly EngineRun[]): string {
  return `## What to do with each answer\n\n${advice(runs)}`
}

function engineSection(run: EngineRun): string {
  return `## ${run.engine.name}\n\n${matrixTables(run)}`
}
