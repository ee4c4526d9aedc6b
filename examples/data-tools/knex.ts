import createKnex from 'knex'
import { getOrCreate, uniqueKey } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'
import type { Account, DataTool } from './data-tool.ts'

const name = 'Ada'

export const knexTool: DataTool = {
  name: 'Knex 3.3.0',
  async open(connection, max) {
    const knex = createKnex({
      client: 'pg',
      connection,
      pool: { min: 0, max },
      acquireConnectionTimeout: 5000,
      // Each caller who gets no connection would be two lines on the screen; they are counted instead.
      log: { warn() {}, error() {} },
    })
    const accounts = knexTable<Account, Omit<Account, 'id'>>(knex, 'account', {
      columns: { id: true, email: true, name: true },
    })
    const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

    const query = () => knex<Account>('account')
    const find = (email: string) => query().where({ email }).first()
    const only = (row: Account | undefined): Account => {
      if (row) return row
      throw new TypeError('No row came back.')
    }
    return {
      onerow: (email) => getOrCreate(fromKnex(knex), byEmail, { where: { email }, create: { name } }),
      own: {
        'first, then insert': async (email) => {
          const row = await find(email)
          if (row) return { row, created: false }
          const [made] = await query().insert({ email, name }).returning('*')
          return { row: only(made), created: true }
        },
        'onConflict ignore, then first': async (email) => {
          const [made] = await query().insert({ email, name }).onConflict('email').ignore().returning('*')
          if (made) return { row: made, created: true }
          return { row: only(await find(email)), created: false }
        },
        // Knex's documents show it for an upsert; here it is used to get the row back, and writes what is there already.
        'onConflict merge': async (email) => {
          const [row] = await query()
            .insert({ email, name })
            .onConflict('email')
            .merge(['email'])
            .returning('*')
          return { row: only(row), created: undefined }
        },
      },
      close: () => knex.destroy(),
    }
  },
}
