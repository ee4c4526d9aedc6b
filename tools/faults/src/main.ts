// Prints what callers were told when a server crashed under load, and writes it to docs/faults.md:
// npm run faults -- [--seconds 30] [--only pg]
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { faultsOf, pageOf, tableOf } from './report.ts'
import { runScenario } from './run-scenario.ts'
import type { Outcome } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, only: { type: 'string', multiple: true } },
})
const seconds = Number(values.seconds)
if (!(seconds >= 3)) throw new TypeError(`--seconds takes a number from 3 up; got ${values.seconds}.`)

const outcomes: Outcome[] = []
for (const name of values.only ?? Object.keys(scenarios)) {
  const scenario = scenarios[name]
  if (!scenario) throw new TypeError(`--only takes one of ${Object.keys(scenarios).join(', ')}; got ${name}.`)
  console.error(`${name} ...`)
  const outcome = await runScenario(scenario, seconds)
  outcomes.push(outcome)
  for (const fault of faultsOf(outcome)) {
    console.error(`${name}: ${fault}`)
    process.exitCode = 1
  }
}
console.log(tableOf(outcomes))
if (!values.only)
  writeFileSync(new URL('../../../docs/faults.md', import.meta.url), pageOf(outcomes, seconds))
