import Database from 'better-sqlite3'
import { getOrCreate } from 'onerow'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
import { byEmail } from '../accounts.ts'
import type { Account } from '../accounts.ts'
import type { OpenFile } from './file-contest.ts'

const name = 'Ada'

/** What users of better-sqlite3 write for it, and onerow. */
export async function openCalls(where: string): Promise<OpenFile> {
  const database = new Database(where, { timeout: 10_000 })
  const select = database.prepare<[string], Account>('select id, email, name from account where email = ?')
  const insert = database.prepare<[string, string]>('insert into account (email, name) values (?, ?)')
  const create = (email: string) => ({ id: Number(insert.run(email, name).lastInsertRowid), created: true })
  const find = (email: string) => {
    const row = select.get(email)
    return row && { id: row.id, created: false }
  }
  const findOrCreate = database.transaction((email: string) => find(email) ?? create(email))
  return {
    calls: (selected) => ({
      async 'select, then insert'(email) {
        const found = find(email)
        if (found) return found
        // Where an application waits for something that the new row needs: a hash, an upload, another service.
        await selected()
        return create(email)
      },
      'in an immediate transaction': async (email) => findOrCreate.immediate(email),
      async onerow(email) {
        const { row, created } = await getOrCreate(fromBetterSqlite3(database), byEmail, {
          where: { email },
          create: { name },
        })
        return { id: row.id, created }
      },
    }),
    close: () => database.close(),
  }
}
