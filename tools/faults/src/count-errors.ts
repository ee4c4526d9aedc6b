import type { Database } from 'onerow'
import { errorName } from './error-name.ts'
import type { Tally } from './tally.ts'

/** The database; counts the errors by which it says that a race was lost, of which callers need not hear. */
export function countErrors<Client>(db: Database<Client>, tally: Tally): Database<Client> {
  const counted = new WeakSet()
  const count = (error: unknown): never => {
    // BEGIN fails with what a statement in it has failed with, perhaps as the cause of another error.
    const isNew = chain(error).every((each) => !counted.has(each))
    if (isNew && db.dialect.classify(error).kind === 'retry') {
      for (const each of chain(error)) counted.add(each)
      tally.add(errorName(error))
    }
    throw error
  }
  const on = (client: Database<Client>): Database<Client> => ({
    client: client.client,
    dialect: client.dialect,
    execute: (statement) => client.execute(statement).catch(count),
    inTransaction: () => client.inTransaction(),
    begin: (work, options) => client.begin((tx) => work(on(tx)), options).catch(count),
  })
  return on(db)
}

/** An error, its cause, and so on. */
function chain(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : []
}
