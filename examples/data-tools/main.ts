import { writeFileSync } from 'node:fs'
import { printTable } from '../stage/print-table.ts'
import { openStoryDatabase } from '../stage/story-database.ts'
import { callers, contest } from './contest.ts'
import type { Round } from './contest.ts'
import { dataTools } from './data-tools.ts'
import { documentOf, roundCells, roundHead } from './document.ts'

// `npm run example:data-tools -- kysely knex` runs those two; `-- --write` runs all and writes docs/comparison.md.
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const isWriting = process.argv.includes('--write')
const isAsked = (name: string) =>
  asked.length === 0 || asked.some((word) => name.toLowerCase().startsWith(word.toLowerCase()))

await using database = await openStoryDatabase('data_tools')
console.log(`${database.server}

${callers} callers at once: "give me the account with this e-mail address; create it if there is none."`)

const rounds: Round[] = []
for (const tool of dataTools) {
  if (!isWriting && !isAsked(tool.name)) continue
  const its = await contest(database.pool, database.url, tool)
  printTable(tool.name, roundHead, its.map(roundCells))
  rounds.push(...its)
}
if (isWriting)
  writeFileSync(new URL('../../docs/comparison.md', import.meta.url), documentOf(database.server, rounds))
