import type { OpenDatabase, OpenOptions } from 'onerow/conformance'
import { fromPostgresJs } from 'onerow/postgres-js'
import postgres from 'postgres'

export async function openPostgresJs(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const open = (max: number) =>
    postgres(url, {
      max,
      onnotice: () => {},
      ...(isolation && { connection: { default_transaction_isolation: isolation } }),
    })
  const pool = open(connections)
  return {
    db: fromPostgresJs(pool),
    async session() {
      const one = open(1)
      const sql = await one.reserve()
      return {
        db: fromPostgresJs(sql),
        execute: (text, values = []) => sql.unsafe(text, [...values] as never[]),
        async close() {
          sql.release()
          await one.end()
        },
      }
    },
    // Without a timeout, end() waits for ever for a connection that was lost while it ran a query.
    close: () => pool.end({ timeout: 0 }),
  }
}
