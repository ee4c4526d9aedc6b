import mariadb from 'mariadb'
import mysql2 from 'mysql2/promise'
import { fromMariadb } from 'onerow/mariadb'
import { fromMysql2 } from 'onerow/mysql2'
import { fromPg } from 'onerow/pg'
import { fromPostgresJs } from 'onerow/postgres-js'
import type { Database } from 'onerow'
import pg from 'pg'
import postgres from 'postgres'

/** A data tool that calls are made with. */
export type Tool = 'pg' | 'postgres-js' | 'mysql2' | 'mariadb'

export interface OpenTool {
  readonly db: Database
  readonly close: () => Promise<unknown>
}

/** Opens a pool of the tool, as an application would. */
export const openTool: { readonly [Name in Tool]: (url: string, connections: number) => OpenTool } = {
  pg(connectionString, max) {
    const pool = new pg.Pool({ connectionString, max })
    // An idle connection that is lost is told here, and would end the process if nobody listened.
    pool.on('error', () => {})
    return { db: fromPg(pool), close: () => pool.end() }
  },
  'postgres-js'(url, max) {
    // By default it does not try again for up to 20 seconds.
    const sql = postgres(url, { max, onnotice: () => {}, backoff: () => 0.1 })
    return { db: fromPostgresJs(sql), close: () => sql.end({ timeout: 0 }) }
  },
  mysql2(uri, connectionLimit) {
    const pool = mysql2.createPool({ uri, connectionLimit })
    return { db: fromMysql2(pool, { server: 'mariadb' }), close: () => pool.end() }
  },
  mariadb(url, connectionLimit) {
    const { hostname: host, port, username: user, password, pathname } = new URL(url)
    const pool = mariadb.createPool({
      host,
      port: Number(port),
      user,
      password,
      database: pathname.slice(1),
      connectionLimit,
      // By default, callers wait 10 seconds for a server that is down.
      acquireTimeout: 2000,
    })
    return { db: fromMariadb(pool), close: () => pool.end() }
  },
}
