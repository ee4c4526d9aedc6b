import { hasMariadb, installCommand } from '@onerow/servers'
import { attempts } from '../attempts.ts'
import { keepProcessorsAwake } from '../keep-processors-awake.ts'
import { describeMachine } from '../machine.ts'
import type { Section } from '../section.ts'
import { mariadbSettings, openEngineBench } from './engine-bench.ts'
import type { Engine } from './engine-contestant.ts'
import { engineTool, engineTools } from './engine-contestants.ts'
import type { EngineToolName } from './engine-contestants.ts'
import { engineDocument } from './engine-document.ts'
import type { EngineFindings, EngineListFigures, EngineRates } from './engine-findings.ts'
import { measureEngineCalls, measureEngineLists } from './measure-engine.ts'
import { openTool } from './open-tool.ts'
import { sqliteSettings } from './sqlite-text.ts'

const engines: readonly Engine[] = ['MariaDB', 'SQLite']

/** onerow on MariaDB and SQLite, beside what one writes by hand with their drivers. */
export const enginesSection: Section = {
  name: 'engines',
  async run(options, progress) {
    await using awake = await keepProcessorsAwake()
    const { attempt, failures } = attempts(progress)
    const rates: EngineRates[] = []
    const lists: EngineListFigures[] = []
    const versions: Record<string, string> = {}
    const skipped: string[] = []
    // Three are enough here.
    const rounds = Math.min(options.rounds, 3)
    for (const engine of engines) {
      if (engine === 'MariaDB' && !hasMariadb()) {
        skipped.push(`MariaDB, which is not installed here: ${installCommand.mariadb}`)
        continue
      }
      await using stack = new AsyncDisposableStack()
      const bench = stack.use(await openEngineBench(engine))
      versions[engine] = bench.version
      const tools = []
      for (const name of await toolsOf(engine)) tools.push(stack.use(await openTool(name, bench.target)))
      const ground = { tools, bench, attempt, progress, options: { ...options, rounds } }
      rates.push(...(await measureEngineCalls(ground)))
      lists.push(...(await measureEngineLists(ground)))
    }
    const settings = {
      ...versions,
      ...mariadbSettings,
      'SQLite settings': sqliteSettings,
      ...awake.settings,
      rounds,
      'milliseconds of each measurement': options.milliseconds,
    }
    const findings: EngineFindings = {
      machine: describeMachine(),
      settings,
      rates,
      lists,
      failures: [...skipped, ...failures],
    }
    const markdown = engineDocument(findings)
    const json = `${JSON.stringify(findings, undefined, 2)}\n`
    return { markdown, files: { 'engines.md': markdown, 'engines.json': json } }
  },
}

async function toolsOf(engine: Engine): Promise<readonly EngineToolName[]> {
  const all = await Promise.all(engineTools.map(async (name) => ({ name, tool: await engineTool(name) })))
  return all.filter(({ tool }) => tool.engine === engine).map(({ name }) => name)
}
