import type { Database } from 'onerow'
import { fromMariadb } from 'onerow/mariadb'
import { fromMysql2 } from 'onerow/mysql2'
import { fromPg } from 'onerow/pg'
import { createPool } from 'mariadb'
import { createPool as createMysql2Pool } from 'mysql2/promise'
import { Pool } from 'pg'
import type { System } from './systems.ts'

/** A pool that does not wait for ever when all of its connections are taken. */
interface ImpatientPool {
  readonly db: Database
  /** How the tool says so. */
  readonly refusal: RegExp
  readonly close: () => Promise<void>
}

type OpenImpatient = (where: string, connections: number) => ImpatientPool

/** For each data tool, such a pool, or why it has none. */
export const openImpatient: { readonly [Tool in System['tool']]: OpenImpatient | string } = {
  pg: (connectionString, max) => {
    const pool = new Pool({ connectionString, max, connectionTimeoutMillis: 100 })
    return {
      db: fromPg(pool),
      refusal: /timeout exceeded when trying to connect/,
      close: () => pool.end(),
    }
  },
  'postgres-js': 'postgres.js lets calls wait for a connection without a limit',
  'node-sqlite': 'node:sqlite has no pool',
  mysql2(uri, connectionLimit) {
    const pool = createMysql2Pool({ uri, connectionLimit, waitForConnections: false })
    return {
      db: fromMysql2(pool, { server: 'mariadb' }),
      refusal: /No connections available/,
      close: () => pool.end(),
    }
  },
  mariadb(where, connectionLimit) {
    const { hostname: host, port, username: user, password, pathname } = new URL(where)
    const settings = { host, port: Number(port), user, password, database: pathname.slice(1) }
    const pool = createPool({ ...settings, connectionLimit, acquireTimeout: 500 })
    return {
      db: fromMariadb(pool),
      refusal: /pool timeout: failed to retrieve a connection/,
      close: () => pool.end(),
    }
  },
}
