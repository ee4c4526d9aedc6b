import { checkIsolation } from './check-options.ts'
import { explore } from './explore.ts'
import type { ExploreOptions } from './explore.ts'
import { Matrix } from './matrix.ts'
import type { Cell } from './matrix.ts'
import type { Isolation } from './sessions.ts'

export interface Levels {
  /** Unless given, each race runs once, at its own `isolation`, or as its connections are set. */
  readonly isolation?: readonly Isolation[]
}

/**
 * Explores races at isolation levels: one race on several engines, or a race and its fix, one after the other.
 *
 * @param races as `explore` takes them, by the names of their engines, or whatever tells them apart
 * @returns the reports: `String(matrix)` has a row for each race and level, and the picture of the worst
 * @throws as `explore`
 * @example
 * ```ts
 * const matrix = await exploreEach(
 *   { PostgreSQL: doctorsOn(postgres), MariaDB: doctorsOn(mariadb) },
 *   { isolation: ['read committed', 'repeatable read', 'serializable'] },
 * )
 * console.log(String(matrix))
 * ```
 */
export async function exploreEach(
  races: Readonly<Record<string, ExploreOptions>>,
  { isolation }: Levels = {},
): Promise<Matrix> {
  const named = Object.entries(races)
  if (named.length === 0 || isolation?.length === 0)
    throw new TypeError('There are no races, or no isolation levels, and so there is nothing to explore.')
  isolation?.forEach(checkIsolation)
  const cells: Cell[] = []
  for (const [race, options] of named) {
    for (const level of isolation ?? [options.isolation]) {
      const report = await explore({ ...options, isolation: level })
      cells.push({ race, isolation: level, report })
    }
  }
  return new Matrix(cells)
}
