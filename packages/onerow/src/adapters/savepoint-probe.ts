import { causes } from '../causes.ts'
import type { Statement } from '../database.ts'

/**
 * Asks PostgreSQL whether the session is in a transaction, for drivers that do not tell: SAVEPOINT is refused outside of
 * one (25P01), without harm.
 */
export async function isInTransaction(execute: (statement: Statement) => Promise<unknown>): Promise<boolean> {
  try {
    await execute({ text: 'savepoint onerow_probe', values: [] })
  } catch (error) {
    const codes = new Set([...causes(error)].map(({ code }) => code))
    if (codes.has('25P01')) return false
    // In a transaction that has failed, even a savepoint is refused.
    if (codes.has('25P02')) return true
    throw error
  }
  await execute({ text: 'release savepoint onerow_probe', values: [] })
  return true
}
