import { attempts } from '../attempts.ts'
import { inTurns } from '../in-turns.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import type { Options } from '../options.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import { allBulkContestants } from './bulk-contestants.ts'
import type { BulkEntrant } from './bulk-contestants.ts'
import { bulkCharts } from './bulk-charts.ts'
import { bulkDocument } from './bulk-document.ts'
import type { BulkFindings, BulkFigures } from './bulk-findings.ts'
import { measureList } from './measure-list.ts'

/** Long lists, half of whose keys exist. */
export const bulk: Section = {
  name: 'bulk',
  async run(options, progress) {
    const contestants = (await allBulkContestants()).filter(({ name }) => options.only.test(name))
    await using awake = await keepProcessorsAwake()
    await using bench = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    const figures: BulkFigures[] = []
    for (const length of options.rows ?? [100_000, 1_000_000]) {
      const measured = contestants.filter((contestant) => takesPart(contestant, length))
      const rounds = roundsOf(length, options)
      await inTurns(measured, rounds, async (contestant, round) => {
        const what = `${length} keys: ${contestant.name}`
        progress(`${what}, round ${round} of ${rounds}`)
        const its = await attempt(what, () => measureList(contestant, { length, existing: 'half' }, bench))
        if (its) figures.push({ length, contestant: contestant.name, ...its })
      })
    }
    const settings = {
      PostgreSQL: bench.server.version,
      ...serverSettings,
      ...awake.settings,
      'rounds at most': options.rounds,
    }
    const findings: BulkFindings = { machine: describeMachine(), settings, figures, failures }
    const markdown = bulkDocument(findings, contestants)
    const json = `${JSON.stringify(findings, undefined, 2)}\n`
    return {
      markdown,
      files: { 'bulk.md': markdown, 'bulk.json': json, ...bulkCharts(findings, contestants) },
    }
  },
}

/** What is measured with a few calls only is measured once, with the shorter lists. */
function takesPart(
  { first, longest = first === undefined ? Infinity : 100_000 }: BulkEntrant,
  length: number,
) {
  return length <= longest
}

/** A million keys take long enough to be steady. */
function roundsOf(length: number, { rounds }: Options): number {
  return length < 1_000_000 ? rounds : Math.min(rounds, 3)
}
