import type { Engine, Parties, Ran } from './engine.ts'

/** Who is looked at. */
export type Party = 'caller' | 'rival'

/**
 * Whether a party's work is held up by another's lock; false when it ends without. Looks again and again, without a clock.
 *
 * @param isRefused for an engine that refuses instead of waiting: whether it has refused a statement of the work
 */
export async function isHeldUp(
  parties: Pick<Parties, 'seesHeldUp'>,
  {
    party,
    work,
    isRefused = () => false,
  }: {
    readonly party: Party
    readonly work: Promise<unknown>
    readonly isRefused?: () => boolean
  },
): Promise<boolean> {
  const ended = (): 'ended' => 'ended'
  const ending = work.then(ended, ended)
  for (;;) {
    const seen = await Promise.race([ending, parties.seesHeldUp(party)])
    if (seen === 'ended') return isRefused()
    if (seen || isRefused()) return true
    // Lets timers and the network have their turn, on drivers whose queries need neither.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A statement that is done, or that waits for another's lock. */
export interface Sent {
  readonly waits: boolean
  /** Resolves when it is done; where the engine refuses instead of waiting, sends it once more. */
  done(): Promise<Ran>
}

/** Sends a statement on a party's connection; resolves when it is done or held up. */
export async function send(
  engine: Engine,
  parties: Parties,
  { party, text }: { readonly party: Party; readonly text: string },
): Promise<Sent> {
  const { run } = parties[party]
  const work = run(text)
  if (await isHeldUp(parties, { party, work })) return { waits: true, done: () => work }
  try {
    await work
    return { waits: false, done: () => work }
  } catch (error) {
    if (!engine.isRefusedByLock(error)) throw error
    return { waits: true, done: () => run(text) }
  }
}
