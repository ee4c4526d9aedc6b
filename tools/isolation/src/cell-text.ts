import type { Cell } from './run-cell.ts'

/** A cell as the table shows it: what the call said, the rows there are, the other write, the rival. */
export function cellText(cell: Cell): string {
  const parts = [said(cell)]
  if (cell.rival === 'never') return [...parts, 'reads only'].join(' · ')
  parts.push(cell.rows.length === 0 ? 'no row' : `${cell.rows.length} row`)
  if (cell.way !== 'autocommit') parts.push(cell.otherWrite ? 'kept' : 'lost')
  if (cell.rival === 'waited')
    parts.push(cell.rivalError === undefined ? 'rival waits' : `rival waits, then \`${cell.rivalError}\``)
  else if (cell.situation.moment === 'during the call' && !cell.wasHeldUp) parts.push('no wait')
  return parts.join(' · ')
}

function said(cell: Cell): string {
  const { calls, runs = 1, failure } = cell.told
  const words = calls.map(({ word }) => `\`${word}\``).join(', again ')
  return [
    words + (isOld(cell) ? ' (old values)' : ''),
    ...(runs > 1 ? [`run ${runs}`] : []),
    ...(failure ? [`${failure.at} fails with \`${failure.code}\``] : []),
  ].join(', ')
}

/** Whether the call gave the row as it was before the rival's update, which has been committed meanwhile. */
function isOld({ told, rows: [stored], rival }: Cell): boolean {
  const given = told.calls.at(-1)?.row
  return (
    rival === 'in between' && given !== undefined && stored !== undefined && given.visits !== stored.visits
  )
}
