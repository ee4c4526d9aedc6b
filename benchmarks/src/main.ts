import { mkdirSync, writeFileSync } from 'node:fs'
import { calls } from './calls/calls.ts'
import { costs } from './costs/costs.ts'
import { bulk } from './bulk/bulk.ts'
import { enginesSection } from './engines/engines.ts'
import { feral } from './feral/feral.ts'
import { growth } from './growth/growth.ts'
import { listStatement } from './list-statement/list-statement.ts'
import { newTable } from './new-table/new-table.ts'
import { readOptions } from './options.ts'
import type { Section } from './section.ts'
import { streamMemory } from './stream-memory/stream-memory.ts'

/** What `npm run bench` runs, one after the other. A new one is one more entry. */
const sections: readonly Section[] = [
  calls,
  costs,
  bulk,
  streamMemory,
  listStatement,
  growth,
  newTable,
  enginesSection,
  feral,
]

const options = readOptions(process.argv.slice(2))
const unknown = options.sections.filter((name) => !sections.some((section) => section.name === name))
if (unknown.length > 0) throw new TypeError(`There is no section "${unknown.join('", "')}".`)

const results = new URL('../results/', import.meta.url)
for (const section of sections) {
  if (options.sections.length > 0 && !options.sections.includes(section.name)) continue
  const started = performance.now()
  const { markdown, files } = await section.run(options, (line) =>
    console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`),
  )
  console.log(markdown)
  if (!options.isWritten) continue
  mkdirSync(results, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, results), text)
}
