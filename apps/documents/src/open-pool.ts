import { Pool } from 'pg'

/** Connections to a database, at most `max` at once. */
export interface OpenPool extends AsyncDisposable {
  readonly pool: Pool
}

/** Opens a pool that outlives the loss of a connection: it is replaced at the next query. */
export function openPool(url: string, max = 20): OpenPool {
  const pool = new Pool({ connectionString: url, max })
  const report = (error: Error): void => console.error(`A database connection was lost: ${error.message}`)
  pool.on('error', report)
  return {
    pool,
    async [Symbol.asyncDispose]() {
      // end() does not wait until the server has let go of the connections, and one that shuts down now says so on
      // them. Nobody uses them any more; but without a listener it would end the process.
      pool.off('error', report).on('error', () => {})
      await pool.end()
    },
  }
}
