import { createClient } from '@libsql/client'
import { getOrCreate } from 'onerow'
import { fromLibsql } from 'onerow/libsql'
import { byEmail } from '../accounts.ts'
import type { OpenFile } from './file-contest.ts'

const name = 'Ada'

/** What users of libsql write for it, and onerow. */
export async function openCalls(url: string): Promise<OpenFile> {
  const client = createClient({ url, timeout: 10_000 })
  return {
    calls: (selected) => ({
      async 'select, then insert'(email) {
        const found = await client.execute({ sql: 'select id from account where email = ?', args: [email] })
        if (found.rows[0]) return { id: Number(found.rows[0]['id']), created: false }
        await selected()
        const sql = 'insert into account (email, name) values (?, ?)'
        const { lastInsertRowid } = await client.execute({ sql, args: [email, name] })
        return { id: Number(lastInsertRowid), created: true }
      },
      async onerow(email) {
        const { row, created } = await getOrCreate(fromLibsql(client), byEmail, {
          where: { email },
          create: { name },
        })
        return { id: row.id, created }
      },
    }),
    close: () => client.close(),
  }
}
