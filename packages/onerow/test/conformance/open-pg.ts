import { fromPg } from 'onerow/pg'
import type { PgOptions } from 'onerow/pg'
import type { OpenDatabase, OpenOptions } from 'onerow/conformance'
import { Client, Pool } from 'pg'

export function openPg(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, options)
}

/** Each call by itself, and no statement prepared: as behind a pooler that hands connections over between statements. */
export function openPgPlainly(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, options, { coalesce: false, prepare: false })
}

async function open(
  url: string,
  { connections = 10, isolation }: OpenOptions,
  options: PgOptions = {},
): Promise<OpenDatabase> {
  const settings = {
    connectionString: url,
    options: isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`,
  }
  const pool = new Pool({ ...settings, max: connections })
  // A lost connection is also told to the pool, which ends the process when nobody listens.
  pool.on('error', () => {})
  return {
    db: fromPg(pool, options),
    async session() {
      const client = new Client(settings)
      await client.connect()
      return {
        db: fromPg(client, options),
        execute: async (text, values = []) => (await client.query(text, [...values])).rows,
        close: () => client.end(),
      }
    },
    close: () => pool.end(),
  }
}
