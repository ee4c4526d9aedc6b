import { parseArgs } from 'node:util'
import { isolationLevels } from '../check-options.ts'
import type { ExploreOptions } from '../explore.ts'
import { faults } from '../schedule.ts'
import type { Isolation } from '../sessions.ts'
import { UsageError } from './usage-error.ts'

export const usage = `onerow-race: runs your functions in every order that their SQL statements can take.

Usage: onerow-race <file> [...] [options]

The file's default export is what explore() takes; or an object of such, by name; or a function that
answers one of these, or a promise of it. If it also exports a function "end", that is called at the end.

Options:
  --only <name>           of several, run this one
  --replay '<schedule>'   run this schedule alone, as a report gives it: 'first*2 second*4 first*2'
  --isolation <list>      the levels of transactions that name none, each by itself: ${isolationLevels.join(', ')}
  --reduction <how>       none: every order, also those that can only come to what another has come to
  --faults <list>         what may go wrong: ${faults.join(', ')}
  --limit <count>         run so many schedules in order, at most (2000)
  --samples <count>       if there are more, draw so many (500)
  --seed <number>         of the drawing (1)
  --html <file>           write the report as a page
  --json <file>           write the report for a program
  --quiet                 print only what breaks
  --help                  print this

Exit code: 0 when the invariant held after each schedule, 1 when it broke, 2 when it could not be told.
`

/** What the command is to do. */
export interface Arguments {
  readonly files: readonly string[]
  readonly isHelp: boolean
  readonly isQuiet: boolean
  readonly only: string | undefined
  readonly replay: string | undefined
  /** At which levels; none leaves connections as they are. */
  readonly isolation: readonly Isolation[]
  readonly html: string | undefined
  readonly json: string | undefined
  /** Instead of what the file says. */
  readonly instead: Partial<ExploreOptions>
}

/** @throws `UsageError` when the arguments make no sense */
export function readArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parsed(words)
  const { help = false, quiet = false, only, replay, html, json } = values
  if (positionals.length === 0 && !help)
    throw new UsageError('Name a file whose default export is what to explore: onerow-race race.ts')
  return {
    files: positionals,
    isHelp: help,
    isQuiet: quiet,
    only,
    replay,
    isolation: isolationIn(values.isolation),
    html,
    json,
    instead: {
      ...reductionOf(values.reduction),
      ...faultsOf(values.faults),
      ...numberOf('limit', values.limit),
      ...numberOf('samples', values.samples),
      ...numberOf('seed', values.seed),
    },
  }
}

function parsed(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        only: text,
        replay: text,
        isolation: text,
        reduction: text,
        faults: text,
        limit: text,
        samples: text,
        seed: text,
        html: text,
        json: text,
        quiet: flag,
        help: flag,
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function reductionOf(how: string | undefined): Pick<ExploreOptions, 'reduction'> {
  if (how === undefined) return {}
  if (how === 'none' || how === 'sleep sets') return { reduction: how }
  throw new UsageError(`--reduction is "none" or "sleep sets", not "${how}".`)
}

function faultsOf(list: string | undefined): Pick<ExploreOptions, 'faults'> {
  if (list === undefined) return {}
  return { faults: among(faults, '--faults', list) }
}

function isolationIn(list: string | undefined): readonly Isolation[] {
  return list === undefined ? [] : among(isolationLevels, '--isolation', list)
}

function among<Word extends string>(words: readonly Word[], option: string, list: string): readonly Word[] {
  return list.split(',').map((given) => {
    const word = words.find((each) => each === given.trim())
    if (!word)
      throw new UsageError(`${option} takes ${words.join(', ')}, with commas between; not "${given}".`)
    return word
  })
}

function numberOf<Name extends 'limit' | 'samples' | 'seed'>(
  name: Name,
  text: string | undefined,
): { readonly [Key in Name]?: number } {
  if (text === undefined) return {}
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number, not "${text}".`)
  // TypeScript does not see that the computed name is the only one.
  return { [name]: Number(text) } as { readonly [Key in Name]?: number }
}
