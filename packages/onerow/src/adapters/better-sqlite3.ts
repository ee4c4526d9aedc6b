import type { Database, Statement, StoredRow } from '../database.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { preparedOn } from './prepared-statements.ts'
import { sessionDatabase } from './session.ts'

interface StatementLike {
  /** Whether it answers rows; if not, better-sqlite3 refuses `all`. */
  readonly reader: boolean
  run(values: object): unknown
  all(values: object): readonly unknown[]
}

/** The part of better-sqlite3's `Database` that onerow calls; declared here so that onerow does not depend on it. */
export interface BetterSqlite3Like {
  prepare(text: string): StatementLike
  readonly inTransaction: boolean
}

/**
 * Runs onerow on a `Database` of better-sqlite3; inside a transaction that you have opened on it by BEGIN, too. Not inside
 * the function of `database.transaction()`, which has ended before a call can run: use onerow's `transaction`.
 *
 * Statements that you run on the same `Database` yourself while an async `update` function is awaited join its transaction.
 *
 * @param client an open `Database`
 * @returns the database to call with; when it was made inside a transaction that has ended, calls on it reject with a
 *   `TypeError`
 * @example
 * ```ts
 * import Database from 'better-sqlite3'
 * import { getOrCreate, table, uniqueKey } from 'onerow'
 * import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
 *
 * const races = table<{ userId: string; name: string }>('race', { columns: { userId: 'user_id', name: 'name' } })
 * const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
 *
 * const { row, created } = await getOrCreate(fromBetterSqlite3(new Database('app.db')), byUser, {
 *   where: { userId: 'c53b8ba2' },
 *   create: { name: 'foo' },
 * })
 * ```
 */
export function fromBetterSqlite3<Client extends BetterSqlite3Like>(client: Client): Database<Client> {
  const isOfTransaction = client.inTransaction && !withTransactionOfOurs.has(client)
  const refuseWhenEnded = (): void => {
    if (isOfTransaction && !client.inTransaction)
      throw new TypeError(
        'The transaction in which fromBetterSqlite3 was called has ended. The function of database.transaction() cannot ' +
          'wait for a call: use transaction(fromBetterSqlite3(database), …) of onerow, and await each call in it.',
      )
  }
  return sessionDatabase({
    client,
    dialect: sqlite,
    async execute(statement) {
      refuseWhenEnded()
      return execute(client, statement)
    },
    inTransaction() {
      refuseWhenEnded()
      return client.inTransaction
    },
  })
}

// While a call of ours has a transaction open, `inTransaction` is true for everyone; whoever comes then waits for its end.
const withTransactionOfOurs = new WeakSet<BetterSqlite3Like>()

function execute(client: BetterSqlite3Like, statement: Statement): readonly StoredRow[] {
  const prepared = preparedOn(client, statement)
  // better-sqlite3 takes ?1 for a parameter with the name "1" and refuses a list for it, so the values go as an object.
  const values = Object.assign({}, [undefined, ...statement.values])
  // A row is an object, unless a statement is told otherwise by pluck() or raw().
  if (prepared.reader) return prepared.all(values) as readonly StoredRow[]
  prepared.run(values)
  if (statement.text.startsWith('begin')) withTransactionOfOurs.add(client)
  if (!client.inTransaction) withTransactionOfOurs.delete(client)
  return []
}
