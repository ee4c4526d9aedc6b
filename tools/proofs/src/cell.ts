import { casts } from './casts.ts'
import type { Cast } from './casts.ts'
import type { Engine, Level } from './engine.ts'
import { verbs } from './verbs.ts'
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
} as const

export type Way = keyof typeof ways

/** One exploration. */
export interface Cell {
  readonly engine: string
  readonly level: Level
  readonly verb: Verb
  readonly scope: Scope
  readonly cast: Cast
  readonly way: Way
}

/** A cell as a line, which is also how it is asked for. */
export function cellName({ engine, level, verb, scope, cast, way }: Cell): string {
  return [engine, level.name, verb.name, scope, cast.name, way].join(' / ')
}

/** All cells of an engine, level by level. */
export function cellsOf({ name: engine, levels }: Pick<Engine, 'name' | 'levels'>): readonly Cell[] {
  return levels.flatMap((level) =>
    verbs.flatMap((verb) =>
      keysOf(scopes).flatMap((scope) =>
        casts
          .filter(({ onlyUpdates }) => !onlyUpdates || verb.leaves !== 'nothing')
          .flatMap((cast) =>
            keysOf(ways)
              .filter((way) => isWritten(way, verb, scope))
              .map((way) => ({ engine, level, verb, scope, cast, way })),
          ),
      ),
    ),
  )
}

/** By hand there is no difference between values and functions; and what runs by hand, nobody repeats. */
function isWritten(way: Way, verb: Verb, scope: Scope): boolean {
  return way === 'onerow' || (scope !== 'retried' && !verb.name.includes('`create`'))
}

// An object's keys are strings to TypeScript, as there may be more of them than its type tells; of these there are not.
const keysOf = <Name extends string>(object: Readonly<Record<Name, string>>) => Object.keys(object) as Name[]
