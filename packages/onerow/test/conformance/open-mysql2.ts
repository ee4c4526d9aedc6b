import { createConnection, createPool } from 'mysql2/promise'
import type { ConnectionOptions } from 'mysql2/promise'
import { fromMysql2 } from 'onerow/mysql2'
import type { OpenDatabase, OpenOptions } from 'onerow/conformance'

/** @param server whose way to take: with `INSERT … RETURNING` or without */
export async function openMysql2(
  url: string,
  { connections = 10, isolation }: OpenOptions = {},
  server: 'mysql' | 'mariadb' = 'mariadb',
): Promise<OpenDatabase> {
  const settings: ConnectionOptions = { uri: url, supportBigNumbers: true }
  const level = isolation && `set session transaction isolation level ${isolation}`
  const pool = createPool({ ...settings, connectionLimit: connections })
  // Runs before anything else on the connection: statements of one connection keep their order.
  if (level) pool.pool.on('connection', (connection) => void connection.query(level))
  return {
    db: fromMysql2(pool, { server }),
    async session() {
      const connection = await createConnection(settings)
      if (level) await connection.query(level)
      return {
        db: fromMysql2(connection, { server }),
        execute: async (text, values = []) => {
          const [rows] =
            values.length === 0
              ? await connection.query(text)
              : await connection.execute(text, [...values] as never[])
          return Array.isArray(rows) ? (rows as never[]) : []
        },
        close: () => connection.end(),
      }
    },
    close: () => pool.end(),
  }
}

/** The same without RETURNING: the way to MySQL. */
export function openMysql2AsMysql(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return openMysql2(url, options, 'mysql')
}
