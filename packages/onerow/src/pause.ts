/** How often a call or a transaction is tried before it gives up. */
export const defaultAttempts = 16

/**
 * Waits before the next attempt: not at all after the first, then a random part of a time that doubles up to 100 ms, so
 * that those who met once do not meet again.
 */
export async function pause(attempt: number): Promise<void> {
  if (attempt === 1) return
  const milliseconds = Math.random() * Math.min(100, 2 ** attempt)
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
