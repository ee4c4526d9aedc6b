import type { Database } from 'onerow'
import type { Engine } from '../../src/conformance/engine.ts'
import type { ErrorCode } from './error-code.ts'
import type { EngineName } from './systems.ts'

/** How a database is made to refuse writes, and to take them again. */
export interface ReadOnly {
  readonly name: string
  /** What the error of a refused write has for a code. */
  readonly code: ErrorCode
  /** The way to the database, for somebody whom it can refuse. */
  readonly where?: (where: string, engine: Engine) => Promise<string>
  /** On one connection, or on the server by its administrator. */
  readonly set: (on: boolean, db: Database, engine: Engine) => Promise<unknown>
  /** The verbs that still answer when the row is there. */
  readonly hits: readonly string[]
}

const onConnection = (sql: (on: boolean) => string) => (on: boolean, db: Database) =>
  db.execute({ text: sql(on), values: [] })

const hitsOnMariadb = ['getOrCreate', 'getOrCreate, a function in create', 'createUnique', 'transaction']

export const readOnly: { readonly [Name in EngineName]: readonly ReadOnly[] } = {
  postgres: [
    {
      name: 'default_transaction_read_only',
      code: '25006',
      set: onConnection((on) => `set default_transaction_read_only = ${on ? 'on' : 'off'}`),
      // The INSERT in the statement, or the lock, is refused before it is known whether the row is there.
      hits: [],
    },
  ],
  mariadb: [
    {
      name: 'SET SESSION TRANSACTION READ ONLY',
      code: 1792,
      set: onConnection((on) => `set session transaction read ${on ? 'only' : 'write'}`),
      hits: hitsOnMariadb,
    },
    {
      name: 'read_only',
      code: 1290,
      async where(where, { execute }) {
        const url = new URL(where)
        url.username = 'unprivileged'
        await execute(`create or replace user ${url.username}@127.0.0.1 identified by '${url.password}'`)
        await execute(
          `grant select, insert, update on ${url.pathname.slice(1)}.* to ${url.username}@127.0.0.1`,
        )
        return url.href
      },
      set: (on, _, { execute }) => execute(`set global read_only = ${on ? 'on' : 'off'}`),
      hits: hitsOnMariadb,
    },
  ],
  sqlite: [
    {
      name: 'pragma query_only',
      code: 8,
      set: onConnection((on) => `pragma query_only = ${on ? 'on' : 'off'}`),
      // A transaction takes the write lock at once.
      hits: ['getOrCreate', 'getOrCreate, a function in create', 'createUnique'],
    },
  ],
}
