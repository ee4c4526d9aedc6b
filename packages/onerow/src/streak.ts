/** How the last calls of a key have ended, all in the same way. */
export interface Streak {
  outcome: 'found' | 'created'
  calls: number
}

/** Tells how a call has ended. */
export function prolong(streak: Streak, outcome: Streak['outcome']): void {
  streak.calls = streak.outcome === outcome ? streak.calls + 1 : 1
  streak.outcome = outcome
}

/**
 * What the next call will hardly not find, so that it is worth a statement that can do no more: it costs the server less than one
 * that serves for both. Wrong, it costs one round trip more; after a hundred calls that it was right.
 */
export function expected({ outcome, calls }: Streak): Streak['outcome'] | undefined {
  return calls >= 100 ? outcome : undefined
}
