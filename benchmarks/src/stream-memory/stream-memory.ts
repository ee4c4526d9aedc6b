import { attempts } from '../attempts.ts'
import { bulkContestantsOf } from '../bulk/bulk-contestants.ts'
import { bulkProgram, measureList } from '../bulk/measure-list.ts'
import { describeMachine } from '../machine.ts'
import { openPostgresBench } from '../postgres-bench.ts'
import type { Section } from '../section.ts'
import { serverSettings } from '../server.ts'
import { asJavaScript } from './as-javascript.ts'
import { memoryDocument } from './memory-document.ts'
import { memoryTasks } from './memory-tasks.ts'
import type { MemoryFigures } from './memory-tasks.ts'

/** How much memory a process takes that streams a million calls. */
export const streamMemory: Section = {
  name: 'stream-memory',
  async run(options, progress) {
    const [length = 1_000_000] = options.rows ?? []
    const contestants = await bulkContestantsOf('onerow')
    const program = await asJavaScript(bulkProgram)
    await using bench = await openPostgresBench()
    const { attempt, failures } = attempts(progress)
    const figures: MemoryFigures[] = []
    const asked = memoryTasks.filter(({ name }) => options.only.test(name))
    for (const { name, part, contestant, ...task } of asked) {
      progress(name)
      const entrant = contestants.find((each) => each.name === contestant)
      if (!entrant) throw new TypeError(`There is no "${contestant}".`)
      const its = await attempt(name, () =>
        measureList(entrant, { length: length * part, program, ...task }, bench),
      )
      if (its) figures.push({ task: name, ...its })
    }
    const settings = { PostgreSQL: bench.server.version, ...serverSettings }
    const findings = { machine: describeMachine(), settings, figures, failures }
    const markdown = memoryDocument(findings, asked)
    const json = `${JSON.stringify(findings, undefined, 2)}\n`
    return { markdown, files: { 'stream-memory.md': markdown, 'stream-memory.json': json } }
  },
}
