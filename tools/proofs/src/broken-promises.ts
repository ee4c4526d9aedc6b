import type { Report } from '@onerow/race'
import { cellName, ways } from './cell.ts'
import type { Way } from './cell.ts'
import type { Result } from './run-cell.ts'
import type { EngineRun } from './run-proofs.ts'
import { Broken } from './verdict.ts'
import type { Kind } from './verdict.ts'

/** In how many schedules something went wrong in this way. */
export function countOf({ violations }: Pick<Report, 'violations'>, kind: Kind): number {
  return violations.filter(({ error }) => error instanceof Broken && error.kinds.has(kind)).length
}

/** What the schedules have shown to be otherwise than onerow promises, each with the picture; empty when all is well. */
export function brokenPromises(runs: readonly EngineRun[]): readonly string[] {
  const results = runs.flatMap((run) => run.results)
  return [...results.filter(({ cell }) => cell.way === 'onerow').flatMap(brokenBy), ...blind(results)]
}

function brokenBy({ cell, report }: Result): readonly string[] {
  const name = cellName(cell)
  const [violation] = report.violations
  const unexpected = [...report.errors.keys()].filter((kind) => !isExpected(kind, { cell }))
  return [
    ...(violation ? [`${name}\n${String(report)}\n\nnpm run proofs -- '${name}' '${violation.replay}'`] : []),
    ...unexpected.map((kind) => `${name}\nA caller ended with "${kind}".`),
  ]
}

/** What a caller is told who cannot be given the row: that it exists, or to run its transaction again. */
function isExpected(kind: string, { cell: { verb, scope, level } }: Pick<Result, 'cell'>): boolean {
  if (kind === 'already-exists') return verb.name === 'createUnique'
  if (scope !== 'transaction') return false
  // At SERIALIZABLE, PostgreSQL may say it to the caller's own statements: the first read, the COMMIT.
  return kind === 'retry-transaction' || (level.isolation === 'serializable' && kind === '40001')
}

/** Where not even the code by hand makes two rows, the explorer has not explored. */
function blind(results: readonly Result[]): readonly string[] {
  const unsafe: readonly Way[] = ['naive', 'check']
  return unsafe
    .filter((way) => {
      const ofThatWay = results.filter(({ cell }) => cell.way === way)
      return ofThatWay.length > 0 && ofThatWay.every(({ report }) => countOf(report, 'duplicates') === 0)
    })
    .map((way) => `No schedule in which "${ways[way]}" makes two rows: the explorer has seen no race at all.`)
}
