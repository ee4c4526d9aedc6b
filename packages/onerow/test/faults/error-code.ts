import type { Database } from 'onerow'

/** An error's code, as the engine numbers it: SQLSTATE, MariaDB's error number, SQLite's extended result code. */
export type ErrorCode = string | number

export function errorCode(error: unknown): ErrorCode | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { errcode, errno, code } = error as Readonly<Record<string, ErrorCode | undefined>>
  // An error of a socket has a number too, but a negative one.
  return errcode ?? (typeof errno === 'number' && errno > 0 ? errno : code)
}

/** The database, which tells of each error that it raises: of a statement, of BEGIN, of COMMIT. */
export function telling<Client>(db: Database<Client>, tell: (error: Error) => unknown): Database<Client> {
  const told = new WeakSet()
  const tellOnce = async (error: unknown): Promise<never> => {
    if (error instanceof Error && !told.has(error)) {
      told.add(error)
      await tell(error)
    }
    throw error
  }
  const on = (client: Database<Client>): Database<Client> => ({
    client: client.client,
    dialect: client.dialect,
    execute: (statement) => client.execute(statement).catch(tellOnce),
    inTransaction: () => client.inTransaction(),
    begin: (work, options) => client.begin((tx) => work(on(tx)), options).catch(tellOnce),
  })
  return on(db)
}
