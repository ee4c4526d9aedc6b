import type { Contestant } from './contestant.ts'

/** The files in contestants/. */
const tools = [
  'pg',
  'postgres-js',
  'dataloader',
  'drizzle',
  'kysely',
  'prisma',
  'sequelize',
  'typeorm',
  'mikro-orm',
  'knex',
  'django',
] as const

export type Tool = (typeof tools)[number]

export type Entrant = Contestant & { readonly tool: Tool }

/** One tool's contestants. A client process loads those of its own tool alone, so that no other's code is in its memory. */
export async function contestantsOf(tool: Tool): Promise<readonly Entrant[]> {
  // Each of the files exports its contestants under this name, as it is typed there.
  const { contestants } = (await import(`./contestants/${tool}.ts`)) as {
    readonly contestants: readonly Contestant[]
  }
  return contestants.map((contestant) => Object.assign({ tool }, contestant))
}

/** All of them, in the order of the tables: onerow's rivals after what limits it. */
export async function allContestants(): Promise<readonly Entrant[]> {
  const kinds = ['limit', 'onerow', 'by hand', 'own']
  const all = (await Promise.all(tools.map(contestantsOf))).flat()
  return all.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
}
