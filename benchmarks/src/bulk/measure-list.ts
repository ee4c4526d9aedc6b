import { fileURLToPath } from 'node:url'
import type { PostgresServer } from '@onerow/servers'
import type { Pool } from 'pg'
import { openProcess } from '../asked-process.ts'
import { itemLabel } from '../item-table.ts'
import { contestantsCpu } from '../server-cpu.ts'
import type { BulkEntrant } from './bulk-contestants.ts'
import type { BulkAnswer, BulkRequest } from './bulk-messages.ts'
import { fillItemTable, newAmong, newLabel } from './item-list.ts'
import type { Existing } from './item-list.ts'

export interface ListTask {
  readonly length: number
  readonly existing: Existing
  /** Of the process: `--max-old-space-size=64`, say. */
  readonly nodeOptions?: readonly string[]
  /** What the process runs: {@link bulkProgram} unless told, or what was made of it. */
  readonly program?: string
}

/** One contestant in a process of its own. */
export const bulkProgram = fileURLToPath(new URL('bulk-process.ts', import.meta.url))

/** What a list took, once. */
export interface ListFigures extends BulkAnswer {
  /** In microseconds. */
  readonly serverCpu: number
}

/** One list of one contestant, in a process of its own, on a table of its own state. */
export async function measureList(
  contestant: BulkEntrant,
  { length, existing, nodeOptions = [], program = bulkProgram }: ListTask,
  { server, pool }: { readonly server: PostgresServer; readonly pool: Pool },
): Promise<ListFigures> {
  await fillItemTable(pool, length, existing)
  const first = Math.min(contestant.first ?? length, length)
  await using its = await openProcess({
    name: contestant.name,
    program: process.execPath,
    arguments: [...nodeOptions, '--conditions=source', program, contestant.tool, contestant.name, server.url],
    patience: 600_000,
  })
  const before = await contestantsCpu(pool, server.pid)
  const label = contestant.updates ? newLabel : itemLabel
  const answer = await its.ask<BulkAnswer>({ length, first, label } satisfies BulkRequest)
  const serverCpu = (await contestantsCpu(pool, server.pid)) - before
  const expected = newAmong(length, first, existing)
  if (answer.rows !== first || answer.created !== expected)
    throw new Error(
      `${contestant.name} gave ${answer.rows} rows, ${answer.created} of them new, and not ${first} and ${expected}.`,
    )
  return { ...answer, serverCpu }
}
