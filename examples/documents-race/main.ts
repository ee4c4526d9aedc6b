import { printTable, tally } from '../stage/print-table.ts'
import { openStoryDatabase } from '../stage/story-database.ts'
import {
  contenders,
  createTable,
  createUniqueTwice,
  enforceKey,
  raceDocuments,
  saveTwiceInTurn,
  storeSalarySlips,
} from './documents-race.ts'

await using database = await openStoryDatabase('documents')
const { pool, server } = database
await createTable(pool)
console.log(server)

const raceAll = async (title: string): Promise<void> => {
  const rows: string[][] = []
  for (const contender of contenders) {
    const { told, cards, nextGet } = await raceDocuments(pool, contender)
    rows.push([contender.name, tally(told), String(cards), nextGet])
  }
  printTable(title, ['call', 'requests are told', 'cards', 'every later get'], rows)
}

console.log(`\nsave(), twice in turn: ${String(await saveTwiceInTurn(pool))}. So everybody trusts it.`)
await raceAll("Two requests at once for one user's Aadhaar card; nothing is unique")
await enforceKey(pool)
await raceAll('The same, with the conditional unique index unique_user_unique_document_type')
console.log(`
A form that stores the card again is told: ${String(await createUniqueTwice(pool))}
Salary slips stay free: ${await storeSalarySlips(pool)} of 2 stored.`)
