import type { Session } from './actor.ts'
import type { Fault } from './schedule.ts'
import type { Command } from './statement.ts'

/** Of the faults that are to be tried, those that make a difference to a statement. `kill` is for those that wait already. */
export function faultsOf({ kind }: Command, isOpen: boolean, tried: readonly Fault[]): readonly Fault[] {
  return tried.filter((fault) => {
    if (fault === 'kill') return false
    if (fault === 'rollback') return isOpen && kind !== 'rollback' && kind !== 'undo'
    // Elsewhere nothing is written yet, and a lost connection is no more than a rollback.
    return kind === 'commit' || kind === 'several' || kind === 'opaque' || (kind === 'query' && !isOpen)
  })
}

/** What is to happen instead of a step; the connection may be cut for it. */
export async function beforeStep(
  fault: Fault | undefined,
  session: Session | undefined,
): Promise<Error | undefined> {
  if (fault === 'cut-before') await session?.cut()
  if (fault !== 'rollback') return undefined
  return new Error('This step was not done: the race explorer has ended it with this error.')
}

/** What the application is to see instead of the answer. */
export function afterStep(fault: Fault | undefined, session: Session | undefined): Error | undefined {
  if (fault !== 'cut-after') return undefined
  void session?.cut()
  return new Error('The connection ended before the answer came: the race explorer has cut it.')
}
