import Database from 'better-sqlite3'
import type { Open, OpenDatabase, Session } from 'onerow/conformance'
import type { StoredRow } from 'onerow'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'

/** @param where a file's path */
export async function openBetterSqlite3(where: string): Promise<OpenDatabase> {
  const open = () => {
    const database = new Database(where, { timeout: 10_000 })
    return { ...sessionOn(database), close: async () => void database.close() }
  }
  const { db, close } = open()
  return { db, session: async () => open(), close }
}

/** Opens a database in memory again and again on its one connection, since another would have a database of its own. */
export function openBetterSqlite3On(database: Database.Database): Open {
  const session = sessionOn(database)
  return async () => ({ ...session, session: async () => session })
}

function sessionOn(database: Database.Database): Session {
  return {
    db: fromBetterSqlite3(database),
    async execute(text, values = []) {
      const statement = database.prepare<unknown[], StoredRow>(text)
      // It takes ?1 for a parameter that is called "1".
      const named = Object.assign({}, [undefined, ...values])
      if (statement.reader) return statement.all(named)
      statement.run(named)
      return []
    },
    close: async () => {},
  }
}
