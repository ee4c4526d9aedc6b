import type { PGlite } from '@electric-sql/pglite'
import type { Open } from 'onerow/conformance'
import { fromPglite } from 'onerow/pglite'

/** Opens the one session of a PGlite again and again: it takes seconds to start. */
export function openPgliteOn(client: PGlite): Open {
  return async (_, { isolation = 'read committed' }) => {
    await client.query(`set default_transaction_isolation = '${isolation}'`)
    const db = fromPglite(client)
    return {
      db,
      session: async () => ({
        db,
        execute: async (text, values = []) =>
          (await client.query<Record<string, unknown>>(text, [...values])).rows,
        close: async () => {},
      }),
      close: async () => {},
    }
  }
}
