import { attempts } from '../attempts.ts'
import { allContestants } from '../contestants.ts'
import { apart } from '../keep-apart.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import { costsDocument } from './costs-document.ts'
import { measureCosts } from './measure-costs.ts'

/** What one call of each contestant costs. */
export const costs: Section = {
  name: 'costs',
  async run(options, progress) {
    const contestants = await allContestants()
    await using awake = await keepProcessorsAwake()
    await using postgres = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    const measured = await measureCosts({ ...postgres, contestants, options, progress, attempt })
    const findings = {
      machine: describeMachine(),
      settings: {
        PostgreSQL: postgres.server.version,
        ...serverSettings,
        rounds: options.rounds,
        'calls that a figure is an average of': options.calls,
        ...awake.settings,
        ...(await apart(postgres.pool)),
      },
      costs: measured,
      failures,
    }
    const markdown = costsDocument(findings)
    return {
      markdown,
      files: { 'costs.md': markdown, 'costs.json': `${JSON.stringify(findings, undefined, 2)}\n` },
    }
  },
}
