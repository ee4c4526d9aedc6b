import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, IsolationLevel, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'

/** One database session: a connection on which statements run one after another. */
export interface Session<Client> {
  readonly client: Client
  /** The driver's connection, where the client is one of several objects that share it. */
  readonly connection?: WeakKey
  readonly dialect: Dialect
  readonly execute: (statement: Statement) => Promise<readonly StoredRow[]>
  /** Whether the caller has a transaction open on it. */
  readonly inTransaction: () => boolean | Promise<boolean>
  /** How its transactions begin and end, where the tool keeps count of them; otherwise by SQL. */
  readonly transactions?: TransactionCalls
}

/** What ends or begins a transaction by calls of the tool's own. */
export interface TransactionCalls {
  readonly begin: (isolation: IsolationLevel | undefined) => Promise<unknown>
  readonly commit: () => Promise<unknown>
  readonly rollback: () => Promise<unknown>
}

/** A database in a transaction that the caller ends. */
export function openTransaction<Client>(session: Omit<Session<Client>, 'inTransaction'>): Database<Client> {
  return {
    client: session.client,
    dialect: session.dialect,
    execute: session.execute,
    inTransaction: () => true,
    begin: () =>
      Promise.reject(new TypeError('Transactions do not nest; use a savepoint of your data tool.')),
  }
}

/**
 * Runs the work of a transaction that is ended when the work is done. A call that was not awaited would go on after that,
 * outside of any transaction, or in that of the connection's next user: it is refused instead.
 */
export async function runWork<Client, Result>(
  session: Omit<Session<Client>, 'inTransaction'>,
  work: (transaction: Database<Client>) => Promise<Result>,
): Promise<Result> {
  let ended = false
  const execute = async (statement: Statement): Promise<readonly StoredRow[]> => {
    if (ended)
      throw new TypeError(
        'This transaction has ended. Await every call inside its work before the work returns.',
      )
    return session.execute(statement)
  }
  try {
    return await work(openTransaction({ ...session, execute }))
  } finally {
    ended = true
  }
}

// While a call has a transaction of its own open on a shared session, the statements of other calls would slip into it,
// and be lost with it. So they wait for the last one that was begun; its own statements do not. Those are known by their
// async context, which holds a token of the transaction: not of the client, since what was started in one transaction may
// still be running in the next.
interface Turns {
  /** Settles when the last transaction that was begun has ended. */
  readonly last: Promise<unknown>
  /** The token of the one that is running. */
  readonly running: { token: object | undefined }
}
const turnsByClient = new WeakMap<WeakKey, Turns>()
const tokens = new AsyncLocalStorage<ReadonlySet<object>>()

function transactionToAwait(client: WeakKey): Promise<unknown> | undefined {
  const turns = turnsByClient.get(client)
  const { token } = turns?.running ?? {}
  return token && tokens.getStore()?.has(token) ? undefined : turns?.last
}

/** A database on one session, which begins transactions of its own there when the caller has none open. */
export function sessionDatabase<Client extends WeakKey>(session: Session<Client>): Database<Client> {
  const { client, dialect, connection = client } = session
  return {
    client,
    dialect,
    async execute(statement) {
      for (let last; (last = transactionToAwait(connection));) await last
      return session.execute(statement)
    },
    async inTransaction() {
      for (let last; (last = transactionToAwait(connection));) await last
      return session.inTransaction()
    },
    begin: (work, { isolation } = {}) => inTurn(connection, () => runTransaction(session, work, isolation)),
  }
}

/** Runs a transaction when those that were begun before it on the same session have ended. */
export function inTurn<Result>(client: WeakKey, transaction: () => Promise<Result>): Promise<Result> {
  const before = transactionToAwait(client)
  const running = turnsByClient.get(client)?.running ?? { token: undefined }
  const token = {}
  const run = async (): Promise<Result> => {
    running.token = token
    try {
      return await tokens.run(new Set([...(tokens.getStore() ?? []), token]), transaction)
    } finally {
      running.token = undefined
    }
  }
  const result = before ? before.then(run) : run()
  const last = result
    .catch(() => undefined)
    .finally(() => turnsByClient.get(client)?.last === last && turnsByClient.delete(client))
  turnsByClient.set(client, { last, running })
  return result
}

async function runTransaction<Client, Result>(
  session: Omit<Session<Client>, 'inTransaction'>,
  work: (transaction: Database<Client>) => Promise<Result>,
  isolation: IsolationLevel | undefined,
): Promise<Result> {
  const { begin, commit, rollback } = session.transactions ?? bySql(session)
  try {
    await begin(isolation)
  } catch (error) {
    // Sent, but not answered in the time that the client gives it, it may have begun one all the same.
    if (session.dialect.capabilities.failureAbortsTransaction) await rollback().catch(() => undefined)
    throw error
  }
  try {
    const result = await runWork(session, work)
    await commit()
    return result
  } catch (error) {
    // When the rollback fails too, the connection is gone, and the transaction with it: the first error tells more.
    await rollback().catch(() => undefined)
    throw error
  }
}

function bySql({ dialect, execute }: Pick<Session<unknown>, 'dialect' | 'execute'>): TransactionCalls {
  return {
    async begin(isolation) {
      for (const statement of dialect.begin(isolation)) await execute(statement)
    },
    commit: () => execute({ text: 'commit', values: [] }),
    rollback: () => execute({ text: 'rollback', values: [] }),
  }
}
