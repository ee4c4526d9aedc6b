import { inspect } from 'node:util'
import { Pool } from 'pg'
import { allContestants } from '../contestants.ts'
import type { Entrant } from '../contestants.ts'
import { createItemTable } from '../item-table.ts'
import { describeMachine } from '../machine.ts'
import type { Options } from '../options.ts'
import type { Report, Section } from '../section.ts'
import { serverSettings, startBenchmarkServer } from '../server.ts'
import type { Bench } from './bench.ts'
import { charts } from './charts.ts'
import { documentOf } from './document.ts'
import type { Findings } from './findings.ts'
import { measureCosts } from './measure-costs.ts'
import { measurePart } from './measure-rates.ts'
import type { Rates } from './measure-rates.ts'
import { plan } from './plan.ts'

/** Calls per second of all contestants, and what one call of each costs. */
export const calls: Section = {
  name: 'calls',
  async run(options, progress) {
    const contestants = await allContestants()
    await using server = await startBenchmarkServer()
    const pool = new Pool({ connectionString: server.url, max: 1, idleTimeoutMillis: 0 })
    // `end` resolves before the connection is closed, which the server then tells when it stops.
    pool.on('error', () => {})
    await using _ = { [Symbol.asyncDispose]: () => pool.end() }
    await createItemTable(pool)
    const failures: string[] = []
    const attempt: Bench['attempt'] = async (what, measure) => {
      try {
        return await measure()
      } catch (error) {
        progress(`${what}: ${inspect(error)}`)
        failures.push(`${what}: ${error instanceof Error ? firstLine(error.message) : inspect(error)}`)
        return undefined
      }
    }
    const bench = { server, pool, contestants, options, progress, attempt }
    const costs = await measureCosts(bench)
    const rates: Rates[] = []
    for (const part of plan) rates.push(...(await measurePart(part, bench)))
    const settings = settingsOf(server.version, options)
    return report({ machine: describeMachine(), settings, rates, costs, failures }, contestants)
  },
}

const firstLine = (text: string) => text.replace(/\n.*/s, '')

function settingsOf(version: string, { rounds, milliseconds, calls }: Options): Findings['settings'] {
  return {
    PostgreSQL: version,
    ...serverSettings,
    rounds,
    'milliseconds of each measurement': milliseconds,
    'calls that costs are an average of': calls,
  }
}

function report(findings: Findings, contestants: readonly Entrant[]): Report {
  const markdown = documentOf(findings, contestants)
  const json = `${JSON.stringify(findings, undefined, 2)}\n`
  return { markdown, files: { 'calls.md': markdown, 'calls.json': json, ...charts(findings, contestants) } }
}
