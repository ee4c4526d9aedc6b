import { fromPg } from 'onerow/pg'
import type { OpenDatabase, OpenOptions } from 'onerow/conformance'
import { Client, Pool } from 'pg'

export async function openPg(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const settings = {
    connectionString: url,
    options: isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`,
  }
  const pool = new Pool({ ...settings, max: connections })
  // A lost connection is also told to the pool, which ends the process when nobody listens.
  pool.on('error', () => {})
  return {
    db: fromPg(pool),
    async session() {
      const client = new Client(settings)
      await client.connect()
      return {
        db: fromPg(client),
        execute: async (text, values = []) => (await client.query(text, [...values])).rows,
        close: () => client.end(),
      }
    },
    close: () => pool.end(),
  }
}
