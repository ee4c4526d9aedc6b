import { getOrCreate, table, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { Pool } from 'pg'
import type { Account, DataTool } from './data-tool.ts'

const accounts = table<Account, Omit<Account, 'id'>>('account', {
  columns: { id: 'id', email: 'email', name: 'name' },
})
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
const name = 'Ada'

export const pgTool: DataTool = {
  name: 'pg 8.23.1',
  async open(connectionString, max) {
    const pool = new Pool({ connectionString, max, connectionTimeoutMillis: 5000 })
    const find = async (email: string) =>
      (await pool.query<Account>('select id, email, name from account where email = $1', [email])).rows[0]
    const insert = async (email: string) => {
      const text = 'insert into account (email, name) values ($1, $2) returning id, email, name'
      const [row] = (await pool.query<Account>(text, [email, name])).rows
      if (!row) throw new TypeError('INSERT … RETURNING returned nothing.')
      return row
    }
    return {
      onerow: (email) => getOrCreate(fromPg(pool), byEmail, { where: { email }, create: { name } }),
      own: {
        'select, then insert': async (email) => {
          const row = await find(email)
          return row ? { row, created: false } : { row: await insert(email), created: true }
        },
      },
      close: () => pool.end(),
    }
  },
}
