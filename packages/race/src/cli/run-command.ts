import { writeFile } from 'node:fs/promises'
import { parse } from 'node:path'
import { inspect } from 'node:util'
import { checkOptions } from '../check-options.ts'
import type { ExploreOptions } from '../explore.ts'
import { html } from '../html-report.ts'
import type { Report } from '../report.ts'
import { parseSchedule } from '../schedule.ts'
import { loadRaces } from './load-races.ts'
import type { LoadedFile } from './load-races.ts'
import { startProgress } from './progress.ts'
import { readArguments, usage } from './read-arguments.ts'
import type { Arguments } from './read-arguments.ts'
import { UsageError } from './usage-error.ts'

/**
 * Does what the command's arguments say.
 *
 * @returns the exit code: 0 when the invariant held after each schedule, 1 when it broke, 2 when it could not be told
 */
export async function runCommand(words: readonly string[]): Promise<number> {
  try {
    const given = readArguments(words)
    if (given.isHelp) {
      process.stdout.write(usage)
      return 0
    }
    let broken = 0
    for (const file of given.files) broken += await runFile(file, given)
    return broken > 0 ? 1 : 0
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}

/** @returns in how many of its explorations the invariant broke */
async function runFile(file: string, given: Arguments): Promise<number> {
  const loaded = await loadRaces(file)
  try {
    const chosen = atLevels(choose(loaded.races, given, file), given)
    let broken = 0
    for (const [name, options] of chosen) {
      const report = await runRace(loaded, { name, options, given })
      const isBroken = report.violations.length > 0
      if (isBroken || !given.isQuiet) process.stdout.write(`${name}\n\n${String(report)}\n\n`)
      await write(report, { given, name: chosen.size > 1 || given.files.length > 1 ? name : undefined })
      if (isBroken) broken++
    }
    return broken
  } finally {
    await loaded.end()
  }
}

function choose(
  races: LoadedFile['races'],
  { only, replay }: Arguments,
  file: string,
): ReadonlyMap<string, ExploreOptions> {
  const names = [...races.keys()].join(', ')
  const one = only === undefined ? undefined : races.get(only)
  if (only !== undefined && !one) throw new UsageError(`${file} has no "${only}"; it has ${names}.`)
  if (only !== undefined && one) return new Map([[only, one]])
  if (replay !== undefined && races.size > 1)
    throw new UsageError(`Which of them is to be replayed? Say --only with one of: ${names}.`)
  return races
}

/** Each race at each level, if there are any given. */
function atLevels(
  races: LoadedFile['races'],
  { isolation, replay }: Arguments,
): ReadonlyMap<string, ExploreOptions> {
  if (isolation.length === 0) return races
  if (replay !== undefined && isolation.length > 1)
    throw new UsageError('At which level is it to be replayed? Say --isolation with one.')
  return new Map(
    [...races].flatMap(([name, options]) =>
      isolation.map((level) => [`${name}, ${level}`, { ...options, isolation: level }] as const),
    ),
  )
}

async function runRace(
  { explore, replay }: LoadedFile,
  {
    name,
    options,
    given,
  }: { readonly name: string; readonly options: ExploreOptions; readonly given: Arguments },
): Promise<Report> {
  check(name, options, given)
  if (given.replay !== undefined) return replay(options, given.replay)
  const progress = given.isQuiet ? undefined : startProgress(process.stderr, name)
  try {
    return await explore({
      ...options,
      ...given.instead,
      onProgress(told) {
        progress?.show(told)
        options.onProgress?.(told)
      },
    })
  } finally {
    progress?.end()
  }
}

/** @throws `UsageError` where the explorer would throw a `TypeError`, which could as well come from the application */
function check(name: string, options: ExploreOptions, given: Arguments): void {
  try {
    checkOptions({ ...options, ...given.instead })
    parseSchedule(given.replay ?? '', Object.keys(options.actors))
  } catch (error) {
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** To the files that were named; where there are several reports, each to one of its own. */
async function write(
  report: Report,
  { given, name }: { readonly given: Arguments; readonly name: string | undefined },
): Promise<void> {
  const target = (path: string) => {
    const { dir, name: stem, ext } = parse(path)
    return name === undefined
      ? path
      : `${dir === '' ? '' : `${dir}/`}${stem}-${name.replaceAll(/[^\w.-]/g, '-')}${ext}`
  }
  if (given.html !== undefined) await writeFile(target(given.html), html(report))
  if (given.json !== undefined)
    await writeFile(target(given.json), `${JSON.stringify(report, undefined, 2)}\n`)
}

/** What is wrong with the use, or what waits for what, needs no stack; the rest is somebody's bug. */
function explain(error: unknown): string {
  const isForPeople =
    error instanceof UsageError ||
    // By their names, as they may come from another copy of this package.
    (error instanceof Error && ['StuckError', 'ScheduleError'].includes(error.name))
  return isForPeople ? error.message : inspect(error)
}
