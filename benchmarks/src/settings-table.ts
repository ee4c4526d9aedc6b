import type { Machine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'

export type Settings = Readonly<Record<string, string | number>>

/** What the figures of a document were measured on and with. */
export function settingsTable({ versions, ...machine }: Machine, settings: Settings): string {
  const tools = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const facts = { ...machine, ...settings, tools: tools.join(', ') }
  const rows = Object.entries(facts).map(([name, value]) => [name, String(value)])
  return markdownTable(['measured', 'on and with'], rows, () => 'left')
}

/** What could not be measured, for a document; nothing when all was. */
export function failureList(failures: readonly string[]): string {
  return failures.length === 0 ? '' : `\nNot measured:\n\n${failures.map((line) => `- ${line}`).join('\n')}\n`
}
