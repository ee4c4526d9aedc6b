import type { Race } from './race.ts'
import { cellName } from './run-cell.ts'
import type { Cell } from './run-cell.ts'
import type { EngineRun } from './run-isolation.ts'

/** What the races on an engine have shown to be otherwise than onerow promises; empty when all is well. */
export function brokenPromises({ engine, cells }: Pick<EngineRun, 'engine' | 'cells'>): readonly string[] {
  return cells.flatMap((cell) => brokenBy(cell).map((what) => `${cellName(engine, cell)}: ${what}`))
}

function brokenBy(cell: Cell): readonly string[] {
  const { rows, told, way } = cell
  const last = told.calls.at(-1)
  const { row } = last ?? {}
  const isByHand = way !== 'autocommit' && way !== 'retried'
  const broken: (string | false)[] = [
    rows.length > 1 && `${rows.length} rows have the key`,
    ...told.calls.map(
      ({ word }) => word.startsWith('error ') && `the data tool's own error came out: ${word}`,
    ),
    !isByHand &&
      told.calls.some(({ word }) => word === 'retry-transaction') &&
      "retry-transaction outside of a caller's transaction",
    row && !told.failure ? wrongAnswer(cell, row) : wrongRest(cell),
  ]
  return broken.filter((each) => each !== false)
}

/** A committed answer is about the row that is in the table, unless the rival has deleted that since. */
function wrongAnswer(cell: Cell, answer: Race): string | false {
  const [stored] = cell.rows
  const { word } = cell.told.calls.at(-1) ?? {}
  const writesBefore = !['autocommit', 'transaction that writes after', 'savepoint, writes after'].includes(
    cell.way,
  )
  if (writesBefore && !cell.otherWrite) return `${word}, though the transaction was gone`
  if (!stored) {
    const isRead = word === 'found' || word === 'already-exists'
    return (
      !(rivalHas(cell, 'delete') && (isRead || cell.rival === 'waited')) && `${word}, but there is no row`
    )
  }
  if (stored.id !== answer.id) return `${word}: another row than the one in the table`
  if ((word === 'created') !== (answer.name === 'ours' && !isUpdateByValues(cell, word)))
    return `${word}: ${answer.name}'s row`
  return wrongValues(cell, stored)
}

function isUpdateByValues({ verb }: Cell, word: string | undefined): boolean {
  return word === 'updated' && verb.name === 'updateOrCreate, values'
}

/** Both updates are there: the caller's and the rival's. */
function wrongValues(cell: Cell, { name, visits }: Race): string | false {
  const { word } = cell.told.calls.at(-1) ?? {}
  const ours = word === 'updated' && cell.verb.name === 'updateOrCreate, function' ? 1 : 0
  const rivals = rivalHas(cell, 'update') ? 10 : 0
  if (visits !== ours + rivals) return `visits are ${visits}, not ${ours + rivals}: an update is lost`
  return isUpdateByValues(cell, word) && name !== 'ours' && `updated, but the name is ${name}`
}

/** Without an answer nothing of the caller's is in the table. */
function wrongRest(cell: Cell): string | false {
  const [stored] = cell.rows
  const initial = cell.situation.row === 'present' ? 'first 0' : 'nothing'
  const expected = rivalHas(cell, 'insert')
    ? 'rival 0'
    : rivalHas(cell, 'delete')
      ? 'nothing'
      : rivalHas(cell, 'update')
        ? 'first 10'
        : initial
  const actual = stored ? `${stored.name} ${stored.visits}` : 'nothing'
  return actual !== expected && `no answer, but in the table is ${actual}, not ${expected}`
}

/** Whether the rival has made this change and committed it. */
function rivalHas({ situation, rival, rivalError }: Cell, change: 'insert' | 'delete' | 'update'): boolean {
  return (
    situation.does === change && situation.ends === 'commit' && rival !== 'never' && rivalError === undefined
  )
}
