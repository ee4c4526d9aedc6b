import { writeFileSync } from 'node:fs'
import { documentOf } from './document.ts'
import { runSuite } from './run-suite.ts'

const runs = await runSuite()
const failed = runs.filter(({ outcome }) => outcome === 'failed')
if (failed.length > 0)
  throw new Error(
    `Not written, since cases failed:\n${failed.map(({ pair, name }) => `${pair}: ${name}`).join('\n')}`,
  )
writeFileSync(new URL('../../../docs/support.md', import.meta.url), documentOf(runs))
console.log(`docs/support.md is written, from ${runs.length} cases.`)
