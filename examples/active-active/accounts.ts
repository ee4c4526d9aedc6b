import { getOrCreate, keySql, table, uniqueKey, verifyKeys } from 'onerow'
import type { GetOrCreateResult, KeyProblem } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import type { Pool } from 'pg'

export interface Account {
  readonly id: number
  readonly email: string
  readonly name: string
}

const accounts = table<Account, Omit<Account, 'id'>>('account', {
  columns: { id: 'id', email: 'email', name: 'name' },
})

export const accountEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

/**
 * Creates the table with the key's unique index. One node counts its ids 1, 3, 5 …, the other 2, 4, 6 …: what is usual
 * with two writing nodes, and keeps ids apart. It cannot keep a key apart.
 */
export async function createTable(pool: Pool, firstId: 1 | 2): Promise<void> {
  await pool.query(`
    create table account (
      id int generated always as identity (start with ${firstId} increment by 2) primary key,
      email text not null,
      name text not null
    )`)
  await pool.query(keySql(accountEmail, postgres))
}

/** The call that has to give one account for one e-mail address. */
export function getOrCreateAccount(pool: Pool, email: string): Promise<GetOrCreateResult<Account>> {
  return getOrCreate(fromPg(pool), accountEmail, { where: { email }, create: { name: 'new here' } })
}

/** What onerow finds wrong with the key on this server. */
export function verifyAccountKey(pool: Pool): Promise<readonly KeyProblem[]> {
  return verifyKeys(fromPg(pool), [accountEmail])
}

/** The accounts of this server, by id. */
export async function listAccounts(pool: Pool): Promise<readonly Account[]> {
  const { rows } = await pool.query<Account>('select id, email, name from account order by id')
  return rows
}
