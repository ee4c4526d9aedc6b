import { table, uniqueKey } from 'onerow'

/** A row of a table that tests make for their own engine. */
export interface Account {
  readonly id: number
  readonly email: string
  readonly name: string
}

const accounts = table<Account, Omit<Account, 'id'>>('account', {
  columns: { id: 'id', email: 'email', name: 'name' },
})

export const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
