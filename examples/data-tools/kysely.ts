import { Kysely, PostgresDialect } from 'kysely'
import type { Generated } from 'kysely'
import { getOrCreate, uniqueKey } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'
import { Pool } from 'pg'
import type { DataTool } from './data-tool.ts'

interface Database {
  account: { id: Generated<number>; email: string; name: string }
}

const name = 'Ada'

export const kyselyTool: DataTool = {
  name: 'Kysely 0.29.9',
  async open(connectionString, max) {
    const pool = new Pool({ connectionString, max, connectionTimeoutMillis: 5000 })
    const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
    const accounts = kyselyTable(db.insertInto('account'), ['id', 'email', 'name'], { primaryKey: ['id'] })
    const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

    const find = (email: string) => db.selectFrom('account').selectAll().where('email', '=', email)
    const insert = (email: string) => db.insertInto('account').values({ email, name }).returningAll()
    return {
      onerow: (email) => getOrCreate(fromKysely(db), byEmail, { where: { email }, create: { name } }),
      own: {
        'select, then insert': async (email) => {
          const row = await find(email).executeTakeFirst()
          if (row) return { row, created: false }
          return { row: await insert(email).executeTakeFirstOrThrow(), created: true }
        },
        'onConflict doNothing, then select': async (email) => {
          const row = await insert(email)
            .onConflict((conflict) => conflict.column('email').doNothing())
            .executeTakeFirst()
          if (row) return { row, created: true }
          return { row: await find(email).executeTakeFirstOrThrow(), created: false }
        },
        // Kysely's documents show it for an upsert; here it sets what is there already, to get the row back.
        'onConflict doUpdateSet': async (email) => {
          const row = await insert(email)
            .onConflict((conflict) =>
              conflict.column('email').doUpdateSet((eb) => ({ email: eb.ref('excluded.email') })),
            )
            .executeTakeFirstOrThrow()
          return { row, created: undefined }
        },
      },
      close: () => db.destroy(),
    }
  },
}
