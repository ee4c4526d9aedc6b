import { printTable, tally } from '../stage/print-table.ts'
import { openStoryDatabase } from '../stage/story-database.ts'
import {
  callAfterNaiveRace,
  createTables,
  curedSolution,
  curedTogether,
  naive,
  onerowSolution,
  onerowTogether,
  onerowUnenforced,
  runRace,
} from './race.ts'
import type { Contender, RaceResult } from './race.ts'
import { isolationLevels, raceInTransactions } from './transactions.ts'

await using database = await openStoryDatabase('race')
const { pool, server } = database
await createTables(pool)
console.log(`${server}

Ten callers at once: "give me the row with this user_id; create it if there is none."
All ten have read before any of them writes.`)

const contest = async (unique: string, contender: Contender): Promise<readonly string[]> => {
  const result = await runRace(pool, contender)
  return [contender.table.model, unique, contender.name, tally(result.told), String(result.rows)]
}
printTable(
  'One call, ten callers',
  ['table', 'unique', 'the call', 'callers are told', 'rows'],
  [
    await contest('nothing', naive),
    await contest('nothing', onerowUnenforced),
    await contest('user_id', curedSolution),
    await contest('user_id', onerowSolution),
    await contest('(user_id, name)', curedTogether),
    await contest('(user_id, name)', onerowTogether),
  ],
)

const errors = await callAfterNaiveRace(pool)
console.log(`
After the first of these, the same call fails for ever:
  naive   ${String(errors.naive)}
  onerow  ${String(errors.onerow).replaceAll('\n', '\n          ').replaceAll('. ', '.\n          ')}`)

const results = await raceInTransactions(pool)
const names = new Set(results.map(({ name }) => name))
const cell = ({ rows, told }: RaceResult): string => `${rows} ${rows === 1 ? 'row' : 'rows'}\n${tally(told)}`
printTable(
  'The same, each caller in a transaction of its own',
  ['the call', ...isolationLevels],
  [...names].map((name) =>
    [name].concat(results.filter((each) => each.name === name).map(({ result }) => cell(result))),
  ),
)
console.log(`
25P02          The refused insert has aborted the transaction, so reading again fails.
invisible row  The insert is refused, and reading again finds nothing: REPEATABLE READ keeps to its first snapshot.
40001          Serialization failure. A savepoint does not help; only a new transaction sees the winner's row.

A transaction does not take the constraint's place: only SERIALIZABLE stops the ten rows, by failing nine callers.
A savepoint completes the cure at READ COMMITTED. Above it, the loser's whole transaction has to run again: onerow says
so (retry-transaction), and its transaction(db, work) does so.`)
