import { attempts } from '../attempts.ts'
import type { Attempts } from '../attempts.ts'
import { loopOf } from '../calls-per-second.ts'
import { openClient } from '../client.ts'
import type { Client } from '../client.ts'
import { contestantsOf } from '../contestants.ts'
import type { Entrant } from '../contestants.ts'
import { itemCount, refillItemTable, removeFreshItems } from '../item-table.ts'
import { inTurnsOnceWarm } from '../in-turns.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import type { Options } from '../options.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { PostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import type { Workload } from '../workload.ts'
import { growthCharts } from './growth-charts.ts'
import { growthDocument } from './growth-document.ts'
import type { GrowthFigures } from './growth-findings.ts'

/** What one call costs in a table of ever more rows, and with ever more callers. */
export const growth: Section = {
  name: 'growth',
  async run(options, progress) {
    await using awake = await keepProcessorsAwake()
    await using bench = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    await using clients = await openClients(bench, options)
    const figures: GrowthFigures[] = []
    let filled: number | undefined
    for (const cell of cellsOf(options)) {
      const { rows, workload, callers } = cell
      progress(`${rows} rows, ${workload}, ${callers} callers`)
      if (filled !== rows) await refillItemTable(bench.pool, rows)
      filled = rows
      figures.push(...(await measureCell(cell, { ...bench, clients: clients.all, attempt, options })))
    }
    const settings = {
      PostgreSQL: bench.server.version,
      ...serverSettings,
      ...awake.settings,
      rounds: options.rounds,
      'milliseconds of each measurement': options.milliseconds,
    }
    const findings = { machine: describeMachine(), settings, figures, failures }
    const markdown = growthDocument(findings)
    const json = `${JSON.stringify(findings, undefined, 2)}\n`
    return { markdown, files: { 'growth.md': markdown, 'growth.json': json, ...growthCharts(findings) } }
  },
}

interface Cell {
  readonly rows: number
  readonly workload: 'hit' | 'miss'
  readonly callers: number
}

const everCallers = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const

/** First the callers, on a table of the usual size; then the rows. */
function cellsOf({ rows = [10_000, 100_000, 1_000_000, 10_000_000], ...options }: Options): readonly Cell[] {
  const isAsked = ({ workload, callers }: Cell) =>
    options.workloads.includes(workload) && (options.callers?.includes(callers) ?? true)
  const overCallers = everCallers.map((callers) => ({ rows: itemCount, workload: 'hit' as const, callers }))
  const overRows = rows.flatMap((count) =>
    (['hit', 'miss'] as const).flatMap((workload) =>
      [1, 64].map((callers) => ({ rows: count, workload, callers })),
    ),
  )
  // What is measured over the callers already is not measured again.
  const isNew = ({ rows, workload }: Cell) => rows !== itemCount || workload === 'miss'
  return [...overCallers, ...overRows.filter(isNew)].filter(isAsked)
}

type Clients = ReadonlyMap<Entrant, Client>

async function openClients({ server }: PostgresBench, { only }: Options) {
  await using stack = new AsyncDisposableStack()
  const all = new Map<Entrant, Client>()
  const names = new Set(['pg: SELECT', 'pg: INSERT', 'pg: onerow', 'pg: onerow, coalesce: false'])
  for (const contestant of await contestantsOf('pg')) {
    if (!names.has(contestant.name) || !only.test(contestant.name)) continue
    all.set(contestant, stack.use(await openClient(contestant, server.url)))
  }
  const opened = stack.move()
  return { all, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

interface Ground extends PostgresBench, Pick<Attempts, 'attempt'> {
  readonly clients: Clients
  readonly options: Options
}

async function measureCell(
  { rows, workload, callers }: Cell,
  { clients, pool, attempt, options: { rounds, milliseconds } }: Ground,
): Promise<readonly GrowthFigures[]> {
  const able = [...clients].filter(([contestant]) => does(contestant, workload))
  const figures = able.map(([{ name }]) => {
    const perSecond: number[] = []
    return { rows, workload, callers, contestant: name, perSecond }
  })
  await inTurnsOnceWarm(able, rounds, async ([{ name }, client], round) => {
    const what = `${rows} rows, ${workload}, ${callers} callers: ${name}`
    const loop = { workload, rows, range: 1, ...loopOf(round, callers, milliseconds) }
    const answer = await attempt(what, () => client.loop(loop))
    if (answer && round > 0)
      figures.find(({ contestant }) => contestant === name)?.perSecond.push(answer.perSecond)
    if (workload === 'miss') await removeFreshItems(pool)
  })
  return figures.filter(({ perSecond }) => perSecond.length > 0)
}

function does({ workloads }: Entrant, workload: Workload): boolean {
  return workloads?.includes(workload) ?? true
}
