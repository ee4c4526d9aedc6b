import { createClient } from '@libsql/client'
import type { Client, InArgs, Transaction } from '@libsql/client'
import type { Open, OpenDatabase, Session } from 'onerow/conformance'
import { fromLibsql } from 'onerow/libsql'
import { transactionSession } from './transaction-session.ts'

/** @param where a URL: `file:conformance.db` */
export async function openLibsql(where: string): Promise<OpenDatabase> {
  const client = createClient({ url: where, timeout: 10_000 })
  return {
    db: fromLibsql(client),
    async session() {
      const one = createClient({ url: where, timeout: 10_000, concurrency: 1 })
      return { ...sessionOn(one), close: async () => one.close() }
    },
    close: async () => client.close(),
  }
}

/** Opens a database in memory again and again on its one connection, since another would have a database of its own. */
export function openLibsqlOn(client: Client): Open {
  const session = sessionOn(client)
  return async () => ({ ...session, session: async () => session })
}

function sessionOn(client: Client): Session {
  return transactionSession({
    db: fromLibsql(client),
    execute: execute(client),
    async begin() {
      const transaction = await client.transaction('deferred')
      return {
        db: fromLibsql(transaction, { client }),
        execute: execute(transaction),
        // A COMMIT that is refused stays in progress on its connection, unless executeMultiple has sent it.
        async commit() {
          await transaction.executeMultiple('commit')
          transaction.close()
        },
        rollback: () => transaction.rollback(),
      }
    },
    close: async () => {},
  })
}

function execute(client: Client | Transaction): Session['execute'] {
  return async (text, values = []) =>
    // libsql says itself what it does not take.
    (await client.execute({ sql: text, args: [...values] as InArgs })).rows
}
