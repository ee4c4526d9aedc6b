import type { Database, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { sessionDatabase } from './session.ts'

/** What pools for MariaDB and MySQL have in common. */
export interface MysqlPoolLike<Connection> {
  getConnection(): Promise<Connection & { release(): unknown; destroy(): void }>
}

/** A driver for MariaDB or MySQL: how a statement is run on its pools and connections. */
export interface MysqlDriver<Client extends object> {
  readonly dialect: Dialect
  readonly run: (client: Client, statement: Statement) => Promise<readonly StoredRow[]>
  readonly coalesce?: CoalesceOption | undefined
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
    coalesce: coalescing(driver.coalesce),
    execute: (statement) => driver.run(client, statement),
    inTransaction: () => false,
    async begin(work, options) {
      const connection = await client.getConnection()
      try {
        const result = await onConnection<Client>(connection, driver).begin(work, options)
        await release(connection)
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
  const inTransaction = () =>
    dialect.name === 'mariadb' ? isInTransactionOfMariadb(execute) : isInTransactionOfMysql(client, execute)
  return sessionDatabase({ client, dialect, execute, inTransaction })
}

/** Gives back a connection whose transaction has failed; the pool gets it only if it can still roll back. */
async function giveBack<Client extends object>(
  connection: Client & { release(): unknown; destroy(): void },
  { run }: MysqlDriver<Client>,
): Promise<void> {
  try {
    await run(connection, { text: 'rollback', values: [] })
    await release(connection)
  } catch {
    connection.destroy()
  }
}

/**
 * Gives a connection to the pool, and to whoever has waited for it there. The mariadb driver (3.5) calls those in the next tick only: who
 * asks for one before that, as the next call of a busy caller does, takes it again and again, and the others wait for ever.
 */
export async function release(connection: { release(): unknown }): Promise<void> {
  await connection.release()
  await new Promise<void>((resolve) => process.nextTick(resolve))
}

type Execute = (statement: Statement) => Promise<readonly StoredRow[]>

/** Without autocommit the next statement opens a transaction, if none is open. */
async function isInTransactionOfMariadb(execute: Execute): Promise<boolean> {
  const [row] = await execute({ text: 'select @@in_transaction or not @@autocommit as answer', values: [] })
  return Number(row?.['answer']) === 1
}

// Two probes at once would release each other's savepoint, and one of them take that for no transaction.
const probesByClient = new WeakMap<WeakKey, Promise<unknown>>()

function isInTransactionOfMysql(client: WeakKey, execute: Execute): Promise<boolean> {
  const probe = () => isInTransaction(execute)
  const answer = (probesByClient.get(client) ?? Promise.resolve()).then(probe)
  probesByClient.set(
    client,
    answer.catch(() => undefined),
  )
  return answer
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
