import type { Run } from './engine.ts'

/** Sends a statement when the one before has ended: a look at the server may be under way that nobody awaits any more. */
export function inOrder(run: Run): Run {
  let last: Promise<unknown> = Promise.resolve()
  return (text) => {
    const result = last.then(() => run(text))
    last = result.catch(() => undefined)
    return result
  }
}
