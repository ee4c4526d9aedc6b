import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { explore, replay } from '../explore.ts'
import type { ExploreOptions } from '../explore.ts'
import { UsageError } from './usage-error.ts'

/** What a file says to explore. */
export interface LoadedFile {
  /** By their names; a file's only one has the file's. */
  readonly races: ReadonlyMap<string, ExploreOptions>
  readonly explore: typeof explore
  readonly replay: typeof replay
  readonly end: () => unknown
}

/** @throws `UsageError` when the file does not say what to explore */
export async function loadRaces(file: string): Promise<LoadedFile> {
  const module = await imported(file)
  const given = module['default']
  if (given === undefined)
    throw new UsageError(
      `${file} has no default export. Write: export default { sessions, setup, actors, invariant }`,
    )
  const value: unknown = await (typeof given === 'function' ? given() : given)
  const { end } = module
  return {
    races: racesIn(value, file),
    ...(await explorerOf(file)),
    end: typeof end === 'function' ? () => end() as unknown : () => undefined,
  }
}

async function imported(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${file} cannot be imported: ${said}\nDoes "node ${file}" run it?`, { cause: error })
  }
}

/**
 * The explorer that the file itself would import. A driver's gates and the explorer find each other through a module's own state, so
 * with another copy of this package, as `npx` may have fetched one, no statement would ever be held back.
 */
async function explorerOf(file: string): Promise<Pick<LoadedFile, 'explore' | 'replay'>> {
  try {
    const path = createRequire(pathToFileURL(resolve(file))).resolve('@onerow/race')
    return (await import(pathToFileURL(path).href)) as Pick<LoadedFile, 'explore' | 'replay'>
  } catch {
    return { explore, replay }
  }
}

const fields = ['sessions', 'setup', 'actors', 'invariant'] as const

function racesIn(value: unknown, file: string): ReadonlyMap<string, ExploreOptions> {
  if (isRecord(value) && !fields.some((field) => field in value)) {
    const named = Object.entries(value)
    if (named.length === 0)
      throw new UsageError(`The default export of ${file} is empty: there is nothing to explore.`)
    return new Map(named.map(([name, each]) => [name, checked(each, `"${name}" of ${file}`)]))
  }
  return new Map([[basename(file).replace(/\.\w+$/, ''), checked(value, `The default export of ${file}`)]])
}

/** @throws `UsageError` that names what is not there */
function checked(value: unknown, what: string): ExploreOptions {
  if (!isRecord(value))
    throw new UsageError(`${what} is to be an object with ${fields.join(', ')}; it is ${kindOf(value)}.`)
  const { sessions, setup, actors, invariant } = value
  const wrong = [
    ...(isRecord(sessions) && typeof sessions['open'] === 'function'
      ? []
      : ['sessions: the gates of a driver, such as pgSessions(pg, { connectionString })']),
    ...(typeof setup === 'function'
      ? []
      : ['setup: a function that brings the database to where each schedule begins']),
    ...(isRecord(actors) && Object.values(actors).every((actor) => typeof actor === 'function')
      ? []
      : ['actors: an object of functions, { first: () => …, second: () => … }']),
    ...(typeof invariant === 'function'
      ? []
      : ['invariant: a function that throws or answers false where something is wrong']),
  ]
  if (wrong.length > 0) throw new UsageError(`${what} lacks\n${wrong.map((text) => `- ${text}`).join('\n')}`)
  // All that explore needs is there; what else there may be, it looks at itself.
  return value as unknown as ExploreOptions
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}
