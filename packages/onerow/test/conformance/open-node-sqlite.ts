import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Open, OpenDatabase, Session } from 'onerow/conformance'
import { fromNodeSqlite } from 'onerow/node-sqlite'

/** @param where a file's path */
export async function openNodeSqlite(where: string): Promise<OpenDatabase> {
  const open = () => {
    const database = new DatabaseSync(where, { timeout: 10_000 })
    return { ...sessionOn(database), close: async () => database.close() }
  }
  const { db, close } = open()
  return { db, session: async () => open(), close }
}

/** Opens a database in memory again and again on its one connection, since another would have a database of its own. */
export function openNodeSqliteOn(database: DatabaseSync): Open {
  const session = sessionOn(database)
  return async () => ({ ...session, session: async () => session })
}

function sessionOn(database: DatabaseSync): Session {
  return {
    db: fromNodeSqlite(database),
    execute: async (text, values = []) =>
      // node:sqlite says itself what it does not take.
      database.prepare(text).all(...(values as SQLInputValue[])),
    close: async () => {},
  }
}
