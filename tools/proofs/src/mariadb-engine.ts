import { mysql2Sessions } from '@onerow/race/mysql2'
import { testMariadb } from '@onerow/servers'
import { createConnection, createPool } from 'mysql2/promise'
import type { Connection as Mysql2Connection, Pool } from 'mysql2/promise'
import * as mysql2 from 'mysql2/promise'
import { fromMysql2 } from 'onerow/mysql2'
import { mariadb } from 'onerow/mysql'
import type { StoredRow } from 'onerow'
import { mostConnections } from './engine.ts'
import type { Arena, Engine, Level } from './engine.ts'
import { ddl } from './race.ts'
import type { Table } from './race.ts'

const createTable = (name: Table): string => `
create table ${name} (
  id integer auto_increment primary key,
  user_id integer not null,
  name varchar(32) not null,
  visits integer not null
)`

function levelAt(isolation: Level['isolation'], snapshotIsolation?: 'on'): Level {
  return {
    name: isolation + (snapshotIsolation ? ', innodb_snapshot_isolation' : ''),
    isolation,
    settings: [
      `set session transaction isolation level ${isolation}`,
      // There is one from 10.11.8 on, off by default; newer series have it on (MDEV-35124).
      `set session innodb_snapshot_isolation = ${snapshotIsolation ?? 'off'}`,
    ],
  }
}

/** A database of its own on a MariaDB server; undefined where MariaDB is not installed. */
export async function openMariadbEngine(): Promise<Engine | undefined> {
  const server = await testMariadb({ name: 'proofs' })
  if (!server) return undefined
  const { host, port, user, password, database } = server
  const account = { host, port, user, password, database }
  const connection = await createConnection(account)
  for (const text of ddl(mariadb, createTable)) await connection.query(text)
  const [version] = await run(connection, 'select version() as version')
  await connection.end()
  const [major, minor] = String(version?.['version']).split('.')
  return {
    name: `MariaDB ${major}.${minor}`,
    levels: [
      levelAt('read committed'),
      levelAt('repeatable read'),
      levelAt('repeatable read', 'on'),
      levelAt('serializable'),
    ],
    hasStreaks: false,
    extentOfThree: { limit: 12, samples: 6 },
    open: (level) => openArena(account, level),
    [Symbol.asyncDispose]: () => server.drop(),
  }
}

async function openArena(account: object, { isolation, settings }: Level): Promise<Arena> {
  const pool = createPool({ ...account, connectionLimit: mostConnections })
  const connections = await Promise.all(Array.from({ length: mostConnections }, () => pool.getConnection()))
  for (const connection of connections) {
    for (const text of settings) await connection.query(text)
    connection.release()
  }
  return {
    sessions: mysql2Sessions(mysql2, account),
    // Together with another's, a call would have no statements of its own.
    db: fromMysql2(pool, { server: 'mariadb', coalesce: false }),
    run: (text) => run(pool, text),
    connect: async () => {
      const connection = await pool.getConnection()
      return {
        db: fromMysql2(connection, { server: 'mariadb' }),
        run: (text) => run(connection, text),
        release: () => connection.release(),
      }
    },
    begin: [`set transaction isolation level ${isolation}`, 'start transaction'],
    // It begins to count from 1 again.
    clear: (table) => `truncate ${table}`,
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function run(client: Pool | Mysql2Connection, text: string): Promise<readonly StoredRow[]> {
  const [rows] = await client.query(text)
  // Rows as objects, as it is not told otherwise; a statement without rows answers no list.
  return Array.isArray(rows) ? (rows as readonly StoredRow[]) : []
}
