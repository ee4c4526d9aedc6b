import type { Attempts } from '../attempts.ts'
import { newAmong, newLabel } from '../bulk/item-list.ts'
import { loopOf } from '../calls-per-second.ts'
import { inTurnsOnceWarm } from '../in-turns.ts'
import { itemCount, itemKinds, itemLabel } from '../item-table.ts'
import type { Options } from '../options.ts'
import { workloads } from '../workload.ts'
import type { EngineBench } from './engine-bench.ts'
import { callContestants, listContestants } from './engine-contestants.ts'
import type { EngineListFigures, EngineRates } from './engine-findings.ts'
import type { OpenTool } from './open-tool.ts'

export interface EngineGround extends Pick<Attempts, 'attempt'> {
  readonly tools: readonly OpenTool[]
  readonly bench: EngineBench
  readonly options: Options
  readonly progress: (line: string) => void
}

/** Single calls, in all workloads, by more and more callers. */
export async function measureEngineCalls(ground: EngineGround): Promise<readonly EngineRates[]> {
  const { tools, bench, options, progress, attempt } = ground
  const all = entrants(tools, callContestants, options)
  const rates: EngineRates[] = []
  await bench.refill(itemCount / itemKinds.length, 1)
  for (const workload of workloads.filter((each) => options.workloads.includes(each))) {
    for (const callers of options.callers ?? [1, 16, 64]) {
      const able = all.filter(({ contestant }) => contestant.workloads?.includes(workload) ?? true)
      const figures = new Map(able.map((entrant) => [entrant, new Array<number>()]))
      await inTurnsOnceWarm(able, options.rounds, async (entrant, round) => {
        const { tool, contestant } = entrant
        const what = `${tool.name}, ${workload}, ${callers} callers: ${contestant.name}`
        progress(`${what}, round ${round}`)
        const loop = { workload, range: 0, ...loopOf(round, callers, options.milliseconds) }
        const answer = await attempt(what, () => tool.loop({ contestant: contestant.name, ...loop }))
        if (answer && round > 0) figures.get(entrant)?.push(answer.perSecond)
        await bench.removeFresh()
      })
      for (const [{ tool, contestant }, perSecond] of figures)
        rates.push({ tool: tool.name, workload, callers, contestant: contestant.name, perSecond })
    }
  }
  return rates
}

/** A list, half of whose keys exist. */
export async function measureEngineLists(ground: EngineGround): Promise<readonly EngineListFigures[]> {
  const { tools, bench, options, progress, attempt } = ground
  const [length = 10_000] = options.rows ?? []
  const all = entrants(tools, listContestants, options)
  const figures = new Map(all.map((entrant) => [entrant, new Array<number>()]))
  await inTurnsOnceWarm(all, options.rounds, async (entrant, round) => {
    const { tool, contestant } = entrant
    const what = `${tool.name}, ${length} keys: ${contestant.name}`
    progress(`${what}, round ${round}`)
    await bench.refill(length / itemKinds.length, 2)
    const label = contestant.name === 'updateOrCreateMany' ? newLabel : itemLabel
    const answer = await attempt(what, async () => {
      const told = await tool.list({ contestant: contestant.name, length, label })
      const created = newAmong(length, length, 'half')
      if (told.rows === length && told.created === created) return told
      throw new Error(
        `It gave ${told.rows} rows, ${told.created} of them new, and not ${length} and ${created}.`,
      )
    })
    if (answer && round > 0) figures.get(entrant)?.push((1000 * length) / answer.milliseconds)
  })
  return [...figures].map(([{ tool, contestant }, perSecond]) => {
    return { tool: tool.name, length, contestant: contestant.name, perSecond }
  })
}

/** All contestants on all tools. */
function entrants<Contestant extends { readonly name: string; readonly coalescingOnly?: true }>(
  tools: readonly OpenTool[],
  contestants: readonly Contestant[],
  { only }: Options,
): readonly { readonly tool: OpenTool; readonly contestant: Contestant }[] {
  return tools.flatMap((tool) =>
    contestants
      .filter(
        ({ name, coalescingOnly }) =>
          only.test(`${tool.name}: ${name}`) && (tool.coalesces || !coalescingOnly),
      )
      .map((contestant) => ({ tool, contestant })),
  )
}
