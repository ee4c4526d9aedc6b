import type { Database, IsolationLevel, Statement, StoredRow } from '../database.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { explain } from './libsql-explain.ts'
import { inTurn, openTransaction, runWork, sessionDatabase } from './session.ts'

interface LibsqlQueryable {
  execute(statement: { sql: string; args: never[] }): Promise<{
    readonly columns: readonly string[]
    readonly rows: readonly { readonly [index: number]: unknown }[]
  }>
  executeMultiple(sql: string): Promise<void>
}

/** The part of a transaction of `@libsql/client` that onerow calls; declared here so that onerow does not depend on it. */
export interface LibsqlTransactionLike extends LibsqlQueryable {
  commit(): Promise<void>
  close(): void
}

/** The part of a client of `@libsql/client` that onerow calls. */
export interface LibsqlClientLike<Transaction extends LibsqlTransactionLike> extends LibsqlQueryable {
  /** `file` for a local database, `http` or `ws` for a server. */
  readonly protocol: string
  transaction(mode: 'write' | 'deferred'): Promise<Transaction>
}

/** What is known of an open transaction. */
export interface LibsqlTransactionOptions {
  /** The client that it is of: what onerow has learnt of the catalog is kept with that, not read anew in each transaction. */
  readonly client?: WeakKey
}

/**
 * Runs onerow on a client of `@libsql/client` or on its open transaction.
 *
 * @param client a client of a local file or of a server; not of an embedded replica (`syncUrl`), which reads its own copy,
 *   where a rival's row may not have arrived
 * @returns the database to call with
 * @example
 * ```ts
 * import { createClient } from '@libsql/client'
 * import { getOrCreate, table, uniqueKey } from 'onerow'
 * import { fromLibsql } from 'onerow/libsql'
 *
 * const races = table<{ userId: string; name: string }>('race', { columns: { userId: 'user_id', name: 'name' } })
 * const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
 *
 * const client = createClient({ url: 'file:app.db', timeout: 5000 })
 * const { row, created } = await getOrCreate(fromLibsql(client), byUser, {
 *   where: { userId: 'c53b8ba2' },
 *   create: { name: 'foo' },
 * })
 * ```
 */
export function fromLibsql<Transaction extends LibsqlTransactionLike>(
  client: LibsqlClientLike<Transaction>,
): Database<Transaction>
export function fromLibsql<Transaction extends LibsqlTransactionLike>(
  transaction: Transaction,
  options?: LibsqlTransactionOptions,
): Database<Transaction>
export function fromLibsql(
  client: LibsqlTransactionLike | LibsqlClientLike<LibsqlTransactionLike>,
  options: LibsqlTransactionOptions = {},
): Database<LibsqlQueryable> {
  if (!('transaction' in client))
    return { ...openTransaction(sessionOf(client)), pool: options.client ?? client }
  return client.protocol === 'file' ? onFile(client) : onServer(client)
}

type Client = LibsqlClientLike<LibsqlTransactionLike>

function onServer(client: Client): Database<LibsqlQueryable> {
  return {
    ...sessionOf(client),
    inTransaction: () => false,
    async begin(work, { isolation } = {}) {
      // For its refusal of a level that nobody knows: the server begins as libsql tells it.
      sqlite.begin(isolation)
      const transaction = await client.transaction('write')
      return runUntilCommit(client, transaction, async (db) => {
        const result = await work(db)
        await transaction.commit()
        return result
      })
    },
  }
}

// When a statement of a local connection is busy, or its COMMIT refused, libsql 0.5 leaves it in progress until it is collected
// as garbage (https://github.com/tursodatabase/libsql-client-ts/issues/352). So long, what commits by itself on that
// connection says that it has written, and is lost; a COMMIT at least fails. So what writes here does so in a transaction, and
// executeMultiple, which leaves nothing in progress, takes the write lock and commits: BEGIN DEFERRED takes no lock, and is
// never busy. Nor do two calls on one client wait for each other's lock: while SQLite waits, the whole process does.
function onFile(client: Client): Database<LibsqlQueryable> {
  const session = sessionOf(client)
  return {
    ...sessionDatabase({
      ...session,
      execute: (statement) =>
        /^(select|explain) /.test(statement.text) ? session.execute(statement) : write(client, statement),
      inTransaction: () => false,
    }),
    begin: (work, { isolation } = {}) =>
      inTurn(client, async () => {
        const transaction = await client.transaction('deferred')
        return runUntilCommit(client, transaction, async (db) => {
          await transaction.executeMultiple(lock(isolation))
          const result = await work(db)
          await transaction.executeMultiple('commit')
          return result
        })
      }),
  }
}

function lock(isolation?: IsolationLevel): string {
  return ['rollback', ...sqlite.begin(isolation).map(({ text }) => text)].join('; ')
}

/** Runs one statement that writes, as if it committed by itself. */
function write(client: Client, statement: Statement): Promise<readonly StoredRow[]> {
  return inTurn(client, async () => {
    const { execute } = sessionOf(client)
    const [main] = await execute({
      text: `select file from pragma_database_list where name = 'main'`,
      values: [],
    })
    // A database in memory has one connection, which is never busy; and while a transaction holds it, libsql refuses all else.
    if (main?.['file'] === '') return execute(statement)
    const transaction = await client.transaction('deferred')
    // Nothing is awaited in between: all is done before anything else of this process runs, and meets the lock.
    const done = Promise.all([
      transaction.executeMultiple(lock()),
      sessionOf(transaction).execute(statement),
      transaction.executeMultiple('commit'),
    ])
    transaction.close()
    const [, rows] = await done
    return rows
  })
}

async function runUntilCommit<Result>(
  client: WeakKey,
  transaction: LibsqlTransactionLike,
  work: (transaction: Database<LibsqlQueryable>) => Promise<Result>,
): Promise<Result> {
  try {
    return await runWork(sessionOf(transaction), (db) => work({ ...db, pool: client }))
  } finally {
    // Rolls back what is not committed.
    transaction.close()
  }
}

function sessionOf(client: LibsqlQueryable) {
  const execute = ({ text, values }: Statement): Promise<readonly StoredRow[]> =>
    text.startsWith('explain ')
      ? explain({ execute, executeMultiple: (sql) => client.executeMultiple(sql) }, text)
      : query(client, text, values)
  return { client, dialect: sqlite, execute }
}

async function query(
  client: LibsqlQueryable,
  sql: string,
  values: readonly unknown[],
): Promise<readonly StoredRow[]> {
  // never[]: libsql lists the types that it can bind, and refuses the others itself at run time.
  const { columns, rows } = await client.execute({ sql, args: [...values] as never[] })
  // By number: by name, a column called "length" would be hidden by the row's own length.
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
}
