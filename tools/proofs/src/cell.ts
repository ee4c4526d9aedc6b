import { casts } from './casts.ts'
import type { Cast } from './casts.ts'
import type { Engine, Level } from './engine.ts'
import { verbs } from './verbs.ts'
import type { Streak } from './streak.ts'
import type { Verb } from './verbs.ts'

/** In what the call runs. `retried` is onerow's `transaction(db, work)`. */
export const scopes = {
  autocommit: 'no transaction',
  transaction: 'a transaction by hand',
  retried: '`transaction(db, …)`',
} as const

export type Scope = keyof typeof scopes

export const ways = {
  naive: 'read, then write',
  check: 'with a check in `save()`',
  index: 'read, then write, unique index',
  onerow: 'onerow',
  hits: 'onerow, after a hundred hits',
  misses: 'onerow, after a hundred misses',
} as const

export type Way = keyof typeof ways

export const allWays: readonly Way[] = keysOf(ways)

/** Whether it is onerow that keeps or breaks its promise. */
export const isOnerow = (way: Way): boolean => way === 'onerow' || isStreak(way)

export const isStreak = (way: Way): way is Streak => way === 'hits' || way === 'misses'

/** One exploration. */
export interface Cell {
  readonly engine: string
  readonly level: Level
  readonly verb: Verb
  readonly scope: Scope
  readonly cast: Cast
  readonly way: Way
}

/** How many there are at once. */
export const sessionsOf = ({ cast }: Cell): number => cast.callers.length + (cast.rival ? 1 : 0)

/** A cell as a line, which is also how it is asked for. */
export function cellName({ engine, level, verb, scope, cast, way }: Cell): string {
  return [engine, level.name, verb.name, scope, cast.name, way].join(' / ')
}

/** All cells of an engine, level by level. */
export function cellsOf(engine: Engine): readonly Cell[] {
  return engine.levels.flatMap((level) =>
    verbs.flatMap((verb) =>
      keysOf(scopes).flatMap((scope) =>
        casts
          .filter(({ onlyUpdates }) => !onlyUpdates || verb.leaves !== 'nothing')
          .flatMap((cast) =>
            allWays
              .map((way) => ({ engine: engine.name, level, verb, scope, cast, way }))
              .filter((cell) => isWritten(cell, engine)),
          ),
      ),
    ),
  )
}

/** What runs by hand, nobody repeats. */
function isWritten({ verb, scope, way }: Cell, { hasStreaks }: Engine): boolean {
  if (isStreak(way)) return hasStreaks && verb.streaks.includes(way)
  return way === 'onerow' || (verb.whenFound !== undefined && scope !== 'retried')
}

function keysOf<Name extends string>(object: Readonly<Record<Name, string>>): readonly Name[] {
  // An object's keys are strings to TypeScript, as there may be more of them than its type tells; of these there are not.
  return Object.keys(object) as Name[]
}
