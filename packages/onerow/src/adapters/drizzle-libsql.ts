import type { Statement } from '../database.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { queryOf, sessionOn } from './drizzle-session.ts'
import type { Drizzle, DrizzleDriver } from './drizzle-session.ts'
import { fromLibsql } from './libsql.ts'
import type { LibsqlClientLike, LibsqlTransactionLike } from './libsql.ts'

/** A local database of libsql loses writes unless it is used with care: so Drizzle's statements go by way of `fromLibsql`. */
export function libsqlDriver(db: Drizzle): DrizzleDriver {
  // The session is that of drizzle-orm/libsql.
  const client = db.session.client as LibsqlClientLike<LibsqlTransactionLike>
  const pool = fromLibsql(client)
  return {
    dialect: sqlite,
    async execute({ session }, statement) {
      // Likewise.
      const tx = session.tx as LibsqlTransactionLike | undefined
      const libsql = tx ? fromLibsql(tx, { client }) : pool
      const careful = {
        execute: async ({ args }: { readonly args: Statement['values'] }) => ({
          rows: await libsql.execute({ ...statement, values: args }),
        }),
      }
      return sessionOn(session, tx ? { tx: careful } : { client: careful }).all(queryOf(statement))
    },
    transaction: (work) =>
      pool.begin(async ({ client: tx }) => {
        const inside = {
          execute: (statement: never) => tx.execute(statement),
          executeMultiple: (sql: string) => tx.executeMultiple(sql),
          // It is ended out here.
          commit: async () => {},
          rollback: async () => {},
        }
        await sessionOn(db.session, { client: { transaction: async () => inside } }).transaction(work)
      }),
  }
}
