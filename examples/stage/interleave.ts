/** Awaited by a caller between its read and its write. */
export type Gate = () => Promise<void>

/** The gate of a caller who races nobody. */
export const openGate: Gate = async () => {}

export interface Interleaved<Result> {
  /** How each call ended, in their order. */
  readonly results: readonly PromiseSettledResult<Result>[]
  /** How many callers stood at the gate when it opened: the race happened if all did. */
  readonly met: number
}

/**
 * Starts all calls and holds each at its gate until the others stand there too. So all have read before any writes:
 * every time, and without a clock. Threads left alone would do the same, but only sometimes.
 */
export async function interleave<Result>(
  calls: readonly ((gate: Gate) => Promise<Result>)[],
): Promise<Interleaved<Result>> {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const missing = new Set(calls.keys())
  let met = 0
  const settle = (caller: number): void => {
    if (missing.delete(caller) && missing.size === 0) open()
  }
  const results = await Promise.allSettled(
    calls.map(async (call, caller) => {
      const gate: Gate = () => {
        if (missing.has(caller)) met += 1
        settle(caller)
        return opened
      }
      try {
        return await call(gate)
      } finally {
        // A call that fails or finds the row never comes to the gate, and must not keep the others there for ever.
        settle(caller)
      }
    }),
  )
  return { results, met }
}

/** `create` for an onerow call: onerow calls it when it has found no row and before it inserts one, so the gate fits in. */
export function createAfter<Values>(gate: Gate, values: Values): () => Promise<Values> {
  return async () => {
    await gate()
    return values
  }
}
