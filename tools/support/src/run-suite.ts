import { globSync } from 'node:fs'
import { run } from 'node:test'
import type { RunOptions } from 'node:test'
import { fileURLToPath } from 'node:url'

/** How one case of the suite ended. */
export interface CaseRun {
  /** The data tool and the engine: `pg on PostgreSQL 18`. */
  readonly pair: string
  /** As in the list of what every adapter must do: `G01`. */
  readonly id: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
}

const root = new URL('../../../', import.meta.url)

/** Runs the suite for every pair of data tool and engine, as `npm test` does. */
export async function runSuite(): Promise<readonly CaseRun[]> {
  const files = globSync('packages/onerow/test/conformance/*.test.ts', { cwd: root })
  // The types of Node 24 have no globalSetupPath yet.
  const options: RunOptions & { readonly globalSetupPath: string } = {
    files: files.map((file) => fileURLToPath(new URL(file, root))),
    concurrency: 2,
    execArgv: ['--conditions=source'],
    globalSetupPath: fileURLToPath(new URL('tools/servers/src/test-setup.ts', root)),
  }
  const runs: CaseRun[] = []
  for await (const { type, data } of run(options)) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const { name, skip } = data
    const [, pair, id, title] = /^(.*?): ([A-Z]\d\d) (.*)$/s.exec(name) ?? []
    if (pair === undefined || id === undefined || title === undefined) {
      // Not a case: a file, or an engine that is not installed.
      if (type === 'test:fail' || typeof skip === 'string')
        throw new Error(`${name}: ${String(skip ?? 'failed')}`)
      continue
    }
    const end = type === 'test:fail' ? 'failed' : 'passed'
    const about = { pair, id, name: title }
    runs.push(
      typeof skip === 'string' ? { ...about, outcome: 'skipped', reason: skip } : { ...about, outcome: end },
    )
  }
  return runs
}
