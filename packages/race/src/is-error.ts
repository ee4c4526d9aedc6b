import { types } from 'node:util'

/** Whether it is an error, also one of another realm: in Jest those that Node throws are, and not instances of `Error` there. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}
