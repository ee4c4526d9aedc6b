import { fromMariadb } from 'onerow/mariadb'
import type { MariadbOptions } from 'onerow/mariadb'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { createConnection, createPool } from 'mariadb'
import type { ConnectionConfig } from 'mariadb'

export function openMariadb(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, options)
}

/** Each call by itself. */
export function openMariadbAlone(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  return open(url, options, { coalesce: false })
}

async function open(
  url: string,
  { connections = 10, isolation }: OpenOptions,
  options: MariadbOptions = {},
): Promise<OpenDatabase> {
  const settings = mariadbSettings(url, isolation)
  // Its own 10 seconds are few for 64 callers on a machine that has other things to do.
  const pool = createPool({ ...settings, connectionLimit: connections, acquireTimeout: 20_000 })
  return {
    db: fromMariadb(pool, options),
    session: () => openMariadbSession(settings),
    close: () => pool.end(),
  }
}

/** The driver's settings for a URL; it takes URLs, too, but then no others. */
export function mariadbSettings(url: string, isolation: OpenOptions['isolation']): ConnectionConfig {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    bigIntAsNumber: false,
    insertIdAsNumber: true,
    initSql: isolation === undefined ? [] : [`set session transaction isolation level ${isolation}`],
  }
}

export async function openMariadbSession(settings: ConnectionConfig): Promise<Session> {
  const connection = await createConnection(settings)
  return {
    db: fromMariadb(connection),
    execute: async (text, values = []) => {
      const rows: unknown =
        values.length === 0 ? await connection.query(text) : await connection.execute(text, [...values])
      return Array.isArray(rows) ? rows : []
    },
    close: () => connection.end(),
  }
}
