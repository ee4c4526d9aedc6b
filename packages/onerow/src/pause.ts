/** How often a call or a transaction is tried before it gives up. */
export const defaultAttempts = 16

/**
 * The longest pause in milliseconds after a lost race. Long enough that the attempts of a hundred callers at one row find
 * room beside each other: each that fails has lost to one that did not.
 */
export const afterLostRace = 1000

/** The longest pause in milliseconds after an attempt that decided nothing: what was in the way is mostly gone by then. */
export const afterNothing = 100

/**
 * Waits before the next attempt: not at all after the first, then a random part of a time that doubles up to the longest,
 * so that those who met once do not meet again.
 */
export async function pause(attempt: number, longest: number): Promise<void> {
  if (attempt === 1) return
  const milliseconds = Math.random() * Math.min(longest, 2 ** attempt)
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
