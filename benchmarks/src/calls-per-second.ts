export interface ClosedLoop {
  readonly callers: number
  /** How long they call before it counts, and then for how long it does at least, both in milliseconds. */
  readonly warmUp: number
  readonly milliseconds: number
}

/** In milliseconds. For a table that was made anew the server plans each statement again, on each connection. */
const leastWarmUp = 40

/**
 * How long so many callers call in a round that counts, or in round 0, which does not. That one is longer: V8 compiles a function
 * with all its optimisations only after it has run some thousand times, in the ways that it is called in this very cell, and one
 * caller makes few calls.
 */
export function loopOf(round: number, callers: number, milliseconds: number): ClosedLoop {
  if (round > 0) return { callers, warmUp: Math.max(milliseconds / 3, leastWarmUp), milliseconds }
  return { callers, warmUp: 0, milliseconds: milliseconds * (callers === 1 ? 12 : 3) }
}

/**
 * How many calls a second so many callers make who each await their call, then call again. Each is timed from the end of one of
 * its calls to the end of another: counted by the clock, the calls of a tool that answers its callers in bursts would depend on
 * how many bursts the time happens to hold.
 */
export async function callsPerSecond(
  call: () => Promise<unknown>,
  { callers, warmUp, milliseconds }: ClosedLoop,
): Promise<number> {
  const start = performance.now() + warmUp
  const timed = { calls: 0, milliseconds: 0 }
  let timing = callers
  // Whoever has been timed goes on until all have, so that nobody's calls have less company than they should.
  const caller = async () => {
    let first: number | undefined
    let calls = 0
    let isTimed = false
    while (timing > 0) {
      await call()
      const now = performance.now()
      if (isTimed || now < start) continue
      if (first === undefined) {
        first = now
        continue
      }
      calls++
      if (now - first < milliseconds) continue
      timed.calls += calls
      timed.milliseconds += now - first
      timing--
      isTimed = true
    }
  }
  const stopAll = (error: unknown) => {
    timing = 0
    throw error
  }
  const ended = await Promise.allSettled(Array.from({ length: callers }, () => caller().catch(stopAll)))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
  return (callers * timed.calls * 1000) / timed.milliseconds
}
