import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

/** What the figures were measured on, and with what. */
export interface Machine {
  readonly processor: string
  readonly processors: number
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly date: string
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    versions: toolVersions(),
  }
}

/** What is measured, as package.json pins it. */
export function toolVersions(): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith('@onerow/')))
}
