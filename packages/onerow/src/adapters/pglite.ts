import type { BeginOptions, Database, Statement, StoredRow } from '../database.ts'
import { isolationClause, postgres } from '../dialects/postgres.ts'
import { isInTransaction } from './savepoint-probe.ts'
import { openTransaction, runWork } from './session.ts'

/** The part of PGlite's transaction that onerow calls; declared here so that onerow does not depend on PGlite. */
export interface PGliteTransactionLike {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly StoredRow[] }>
}

/** The part of `PGlite` that onerow calls. */
export interface PGliteLike<Transaction extends PGliteTransactionLike> extends PGliteTransactionLike {
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>
}

/**
 * Runs onerow on a PGlite database or on its open transaction. PGlite has one session, in which no race can happen: it
 * serves to test behaviour, not races.
 *
 * @example
 * ```ts
 * const { row } = await getOrCreate(fromPglite(new PGlite()), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export function fromPglite<Transaction extends PGliteTransactionLike>(
  client: PGliteLike<Transaction>,
): Database<Transaction>
export function fromPglite<Transaction extends PGliteTransactionLike>(
  client: Transaction,
): Database<Transaction>
export function fromPglite(
  client: PGliteTransactionLike | PGliteLike<PGliteTransactionLike>,
): Database<PGliteTransactionLike> {
  const session = sessionOf(client)
  if (!('transaction' in client)) return openTransaction(session)
  return {
    ...session,
    // A transaction may have been opened by hand, with exec('begin').
    inTransaction: () => isInTransaction(session.execute),
    begin: <Result>(
      work: (transaction: Database<PGliteTransactionLike>) => Promise<Result>,
      { isolation }: BeginOptions = {},
    ) =>
      client.transaction(async (transaction) => {
        const clause = isolationClause(isolation)
        if (clause) await transaction.query(`set transaction ${clause}`, [])
        return runWork(sessionOf(transaction), work)
      }),
  }
}

function sessionOf(client: PGliteTransactionLike) {
  return {
    client,
    dialect: postgres,
    execute: async ({ text, values }: Statement): Promise<readonly StoredRow[]> =>
      (await client.query(text, [...values])).rows,
  }
}
