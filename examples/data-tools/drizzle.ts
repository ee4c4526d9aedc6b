import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, serial, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { getOrCreate, uniqueKey } from 'onerow'
import { drizzleTable, fromDrizzle } from 'onerow/drizzle'
import { Pool } from 'pg'
import type { Account, DataTool } from './data-tool.ts'

const accounts = pgTable(
  'account',
  { id: serial().primaryKey(), email: text().notNull(), name: text().notNull() },
  (account) => [uniqueIndex('account_email').on(account.email)],
)
const byEmail = uniqueKey(drizzleTable(accounts), ['email'], { name: 'account_email' })
const name = 'Ada'

export const drizzleTool: DataTool = {
  name: 'Drizzle 0.45.4',
  async open(connectionString, max) {
    const pool = new Pool({ connectionString, max, connectionTimeoutMillis: 5000 })
    const db = drizzle(pool)
    const find = async (email: string) =>
      only(await db.select().from(accounts).where(eq(accounts.email, email)).limit(1))
    const insert = (email: string) => db.insert(accounts).values({ email, name })
    return {
      onerow: (email) => getOrCreate(fromDrizzle(db), byEmail, { where: { email }, create: { name } }),
      own: {
        'select, then insert': async (email) => {
          const [row] = await db.select().from(accounts).where(eq(accounts.email, email)).limit(1)
          if (row) return { row, created: false }
          return { row: only(await insert(email).returning()), created: true }
        },
        // It answers no row when there is one already: https://github.com/drizzle-team/drizzle-orm/issues/2474
        'onConflictDoNothing, then select': async (email) => {
          const [row] = await insert(email).onConflictDoNothing({ target: accounts.email }).returning()
          return row ? { row, created: true } : { row: await find(email), created: false }
        },
        // It sets what is there already, to get the row back.
        onConflictDoUpdate: async (email) => {
          const rows = await insert(email)
            .onConflictDoUpdate({ target: accounts.email, set: { email } })
            .returning()
          return { row: only(rows), created: undefined }
        },
      },
      close: () => pool.end(),
    }
  },
}

function only([row]: readonly Account[]): Account {
  if (!row) throw new TypeError('There is no row.')
  return row
}
