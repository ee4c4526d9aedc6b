import type { Database, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { sessionDatabase } from './session.ts'

/** What pools for MariaDB and MySQL have in common. */
export interface MysqlPoolLike<Connection> {
  getConnection(): Promise<Connection & { release(): unknown; destroy(): void }>
}

/** A driver for MariaDB or MySQL: how a statement is run on its pools and connections. */
export interface MysqlDriver<Client extends object> {
  readonly dialect: Dialect
  readonly run: (client: Client, statement: Statement) => Promise<readonly StoredRow[]>
}

/** A database on a pool, or on one connection. */
export function mysqlDatabase<Client extends object>(
  client: Client | (Client & MysqlPoolLike<Client>),
  driver: MysqlDriver<Client>,
): Database<Client> {
  if (!('getConnection' in client)) return onConnection(client, driver)
  return {
    client,
    dialect: driver.dialect,
    execute: (statement) => driver.run(client, statement),
    inTransaction: () => false,
    async begin(work, options) {
      const connection = await client.getConnection()
      try {
        const result = await onConnection<Client>(connection, driver).begin(work, options)
        await connection.release()
        return result
      } catch (error) {
        await giveBack(connection, driver)
        throw error
      }
    },
  }
}

function onConnection<Client extends object>(
  client: Client,
  { dialect, run }: MysqlDriver<Client>,
): Database<Client> {
  const execute = (statement: Statement) => run(client, statement)
  const inTransaction = dialect.name === 'mariadb' ? isInTransactionOfMariadb : isInTransaction
  return sessionDatabase({ client, dialect, execute, inTransaction: () => inTransaction(execute) })
}

/** Gives back a connection whose transaction has failed; the pool gets it only if it can still roll back. */
async function giveBack<Client extends object>(
  connection: Client & { release(): unknown; destroy(): void },
  { run }: MysqlDriver<Client>,
): Promise<void> {
  try {
    await run(connection, { text: 'rollback', values: [] })
    await connection.release()
  } catch {
    connection.destroy()
  }
}

type Execute = (statement: Statement) => Promise<readonly StoredRow[]>

/** Without autocommit the next statement opens a transaction, if none is open. */
async function isInTransactionOfMariadb(execute: Execute): Promise<boolean> {
  const [row] = await execute({ text: 'select @@in_transaction or not @@autocommit as answer', values: [] })
  return Number(row?.['answer']) === 1
}

/** MySQL does not tell; but outside of a transaction a savepoint is forgotten at once, and there is none to release (1305). */
async function isInTransaction(execute: Execute): Promise<boolean> {
  await execute({ text: 'savepoint onerow_probe', values: [] })
  try {
    await execute({ text: 'release savepoint onerow_probe', values: [] })
    return true
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === 1305) return false
    throw error
  }
}
