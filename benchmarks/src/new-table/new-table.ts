import type { Pool } from 'pg'
import { attempts } from '../attempts.ts'
import { openClient } from '../client.ts'
import { contestantsOf } from '../contestants.ts'
import type { Entrant } from '../contestants.ts'
import { inTurns } from '../in-turns.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { PostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import { newTableDocument } from './new-table-document.ts'
import type { NewTableFigures, NewTableFindings } from './new-table-document.ts'

const callers = 64
const slices = 10
const millisecondsOfSlice = 1000

/**
 * Rows that are made in a table which has none yet, and of which the server's planner knows nothing: a statement that is prepared then
 * keeps a plan for a small table, unless it was written so that there is only one.
 */
export const newTable: Section = {
  name: 'new-table',
  async run(options, progress) {
    const contestants = (await entrants()).filter(({ name }) => options.only.test(name))
    await using awake = await keepProcessorsAwake()
    await using bench = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    const figures: NewTableFigures[] = []
    await inTurns(contestants, options.rounds, async (contestant, round) => {
      progress(`round ${round} of ${options.rounds}: ${contestant.name}`)
      const its = await attempt(contestant.name, () => fill(contestant, bench))
      if (its) figures.push({ contestant: contestant.name, ...its })
    })
    const settings = {
      PostgreSQL: bench.server.version,
      ...serverSettings,
      ...awake.settings,
      rounds: options.rounds,
      callers,
      'milliseconds of each measurement': millisecondsOfSlice,
    }
    const findings: NewTableFindings = { machine: describeMachine(), settings, figures, failures }
    const markdown = newTableDocument(findings)
    return {
      markdown,
      files: {
        'new-table.md': markdown,
        'new-table.json': `${JSON.stringify(findings, undefined, 2)}\n`,
      },
    }
  },
}

/** The bare statement, and all that is safe on the driver that it uses. */
async function entrants(): Promise<readonly Entrant[]> {
  const all = [...(await contestantsOf('pg')), ...(await contestantsOf('dataloader'))]
  return all.filter(({ name, safe }) => safe || name === 'pg: INSERT')
}

/** In a process of its own, whose connections have prepared nothing. */
async function fill(
  contestant: Entrant,
  { server, pool }: PostgresBench,
): Promise<Omit<NewTableFigures, 'contestant'>> {
  // With it goes what the server knew of its size.
  await pool.query('truncate item restart identity')
  await using client = await openClient(contestant, server.url)
  const perSecond: number[] = []
  for (let slice = 0; slice < slices; slice++) {
    const loop = { workload: 'miss', callers, warmUp: 0, milliseconds: millisecondsOfSlice } as const
    perSecond.push((await client.loop({ ...loop, range: slice })).perSecond)
  }
  return { perSecond, rows: await rowsIn(pool) }
}

async function rowsIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::integer as count from item')
  return rows[0]?.count ?? 0
}
