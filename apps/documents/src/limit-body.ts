import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import { Problem } from './problem.ts'

/** Refuses a body of more than `maxSize` bytes, whether it announces its length or not. */
export function limitBody(maxSize: number, refusal: () => Problem): MiddlewareHandler {
  const limited = bodyLimit({
    maxSize,
    onError: () => {
      throw refusal()
    },
  })
  return async (c, next) => {
    try {
      return await limited(c, next)
    } catch (error) {
      // What later handlers throw does not come by here: Hono answers it where it is thrown.
      throw error instanceof Problem ? error : new Problem('malformed-request', 'The request breaks off.')
    }
  }
}
