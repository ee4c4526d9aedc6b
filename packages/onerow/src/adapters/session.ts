import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'

/** One database session: a connection on which statements run one after another. */
export interface Session<Client> {
  readonly client: Client
  readonly dialect: Dialect
  readonly execute: (statement: Statement) => Promise<readonly StoredRow[]>
  /** Whether the caller has a transaction open on it. */
  readonly inTransaction: () => boolean | Promise<boolean>
}

/** A database in a transaction that somebody else ends: the caller, or the tool's own transaction function. */
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

// While a call has a transaction of its own open on a shared session, the statements of other calls would slip into it,
// and be lost with it. So they wait for the last one that was begun; its own statements, known by context, do not.
const lastTransactions = new WeakMap<WeakKey, Promise<unknown>>()
const insideOf = new AsyncLocalStorage<ReadonlySet<unknown>>()

function transactionToAwait(client: WeakKey): Promise<unknown> | undefined {
  return insideOf.getStore()?.has(client) ? undefined : lastTransactions.get(client)
}

/** A database on one session, which begins transactions of its own there when the caller has none open. */
export function sessionDatabase<Client extends WeakKey>(session: Session<Client>): Database<Client> {
  const { client, dialect } = session
  return {
    client,
    dialect,
    async execute(statement) {
      for (let last; (last = transactionToAwait(client));) await last
      return session.execute(statement)
    },
    async inTransaction() {
      for (let last; (last = transactionToAwait(client));) await last
      return session.inTransaction()
    },
    begin(work, { isolation } = {}) {
      const inside = new Set([...(insideOf.getStore() ?? []), client])
      const run = () => insideOf.run(inside, () => runTransaction(session, work, dialect.begin(isolation)))
      const running = transactionToAwait(client)?.then(run) ?? run()
      const ended = running
        .catch(() => undefined)
        .finally(() => lastTransactions.get(client) === ended && lastTransactions.delete(client))
      lastTransactions.set(client, ended)
      return running
    },
  }
}

async function runTransaction<Client, Result>(
  session: Omit<Session<Client>, 'inTransaction'>,
  work: (transaction: Database<Client>) => Promise<Result>,
  opening: readonly Statement[],
): Promise<Result> {
  for (const statement of opening) await session.execute(statement)
  try {
    const result = await work(openTransaction(session))
    await session.execute({ text: 'commit', values: [] })
    return result
  } catch (error) {
    // When the rollback fails too, the connection is gone, and the transaction with it: the first error tells more.
    await session.execute({ text: 'rollback', values: [] }).catch(() => undefined)
    throw error
  }
}
