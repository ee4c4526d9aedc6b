import { Pool } from 'pg'

/** A pool that is large enough for all of a story's callers at once. Ends when it is disposed of. */
export function openPool(connectionString: string): Pool & AsyncDisposable {
  const pool = new Pool({ connectionString, max: 20 })
  // `end` resolves before its connections are closed. When the server stops first, they are told so, and without a
  // listener that would end the process. A connection lost in use fails its query all the same.
  pool.on('error', () => {})
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() })
}
