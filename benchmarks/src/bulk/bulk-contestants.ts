import type { BulkContestant } from './bulk-contestant.ts'

/** The files in contestants/. */
const tools = ['copy', 'onerow', 'kysely', 'prisma', 'loop'] as const

export type BulkTool = (typeof tools)[number]

export type BulkEntrant = BulkContestant & { readonly tool: BulkTool }

/** One tool's contestants. A process loads those of its own tool alone, so that no other's code is in its memory. */
export async function bulkContestantsOf(tool: BulkTool): Promise<readonly BulkEntrant[]> {
  // Each of the files exports its contestants under this name, as it is typed there.
  const { contestants } = (await import(`./contestants/${tool}.ts`)) as {
    readonly contestants: readonly BulkContestant[]
  }
  return contestants.map((contestant) => Object.assign({ tool }, contestant))
}

/** All of them, in the order of the tables. */
export async function allBulkContestants(): Promise<readonly BulkEntrant[]> {
  return (await Promise.all(tools.map(bulkContestantsOf))).flat()
}
