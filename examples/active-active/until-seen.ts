/** Asks a server again and again, and gives up only so that the process ends when what is looked for never comes. */
export async function untilSeen(look: () => Promise<boolean>): Promise<void> {
  const giveUp = AbortSignal.timeout(30_000)
  while (!(await look())) giveUp.throwIfAborted()
}
