import { attempts } from '../attempts.ts'
import { allContestants } from '../contestants.ts'
import type { Entrant } from '../contestants.ts'
import { apart } from '../keep-apart.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import type { Options } from '../options.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { Report, Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import { charts } from './charts.ts'
import { documentOf } from './document.ts'
import type { Findings } from './findings.ts'
import { measurePart } from './measure-rates.ts'
import type { Rates } from './measure-rates.ts'
import { plan } from './plan.ts'

/** Calls per second of all contestants. */
export const calls: Section = {
  name: 'calls',
  async run(options, progress) {
    const contestants = await allContestants()
    await using awake = await keepProcessorsAwake()
    await using postgres = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    const bench = { ...postgres, contestants, options, progress, attempt }
    const rates: Rates[] = []
    for (const part of plan) rates.push(...(await measurePart(part, bench)))
    const settings = {
      ...settingsOf(postgres.server.version, options),
      ...awake.settings,
      ...(await apart(postgres.pool)),
    }
    return report({ machine: describeMachine(), settings, rates, failures }, contestants)
  },
}

function settingsOf(version: string, { rounds, milliseconds }: Options): Findings['settings'] {
  return {
    PostgreSQL: version,
    ...serverSettings,
    rounds,
    'milliseconds of each measurement': milliseconds,
  }
}

function report(findings: Findings, contestants: readonly Entrant[]): Report {
  const markdown = documentOf(findings, contestants)
  const json = `${JSON.stringify(findings, undefined, 2)}\n`
  return { markdown, files: { 'calls.md': markdown, 'calls.json': json, ...charts(findings, contestants) } }
}
