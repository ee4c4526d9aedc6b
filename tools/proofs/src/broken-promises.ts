import type { Report } from '@onerow/race'
import { cellName, isOnerow, ways } from './cell.ts'
import type { Cell, Way } from './cell.ts'
import type { Result } from './run-cell.ts'
import { codeOf } from './text.ts'
import { Broken } from './verdict.ts'
import type { Kind } from './verdict.ts'

/** In how many schedules something went wrong in this way. */
export function countOf({ violations }: Pick<Report, 'violations'>, kind: Kind): number {
  return violations.filter(({ error }) => error instanceof Broken && error.kinds.has(kind)).length
}

/** What the schedules have shown to be otherwise than onerow promises, each with the picture; empty when all is well. */
export function brokenPromises(results: readonly Result[]): readonly string[] {
  return results.filter(({ cell }) => isOnerow(cell.way)).flatMap(brokenBy)
}

function brokenBy({ cell, report }: Result): readonly string[] {
  const name = cellName(cell)
  const [violation] = report.violations
  const unexpected = [...report.errors.keys()].filter((error) => !isExpected(codeOf(error), cell))
  return [
    ...(violation ? [`${name}\n${String(report)}\n\nnpm run proofs -- '${name}' '${violation.replay}'`] : []),
    ...unexpected.map((error) => `${name}\nA caller ended with "${error}".`),
  ]
}

/** What a caller is told who cannot be given the row: that it exists, or to run its transaction again. */
function isExpected(code: string, cell: Cell): boolean {
  const { verb, scope, level } = cell
  if (code === 'already-exists') return verb.name === 'createUnique'
  if (scope !== 'transaction') return false
  if (code === 'retry-transaction') return !isWithoutDeadlocks(cell)
  // At SERIALIZABLE, PostgreSQL may say it to the caller's own statements: the first read, the COMMIT.
  return level.isolation === 'serializable' && code === '40001'
}

/** Two calls of onerow's take their locks in the same order; and at READ COMMITTED a server refuses for deadlocks only. */
function isWithoutDeadlocks({ cast, level }: Cell): boolean {
  return cast.callers.length === 2 && !cast.rival && level.isolation === 'read committed'
}

/** The ways by hand that have not made two rows anywhere: there the explorer has not explored. For all cells together only. */
export function unseenRaces(results: readonly Result[]): readonly string[] {
  const unsafe: readonly Way[] = ['naive', 'check']
  return unsafe
    .filter((way) =>
      results.every(({ cell, report }) => cell.way !== way || countOf(report, 'duplicates') === 0),
    )
    .map((way) => `No schedule in which "${ways[way]}" makes two rows: the explorer has seen no race at all.`)
}
