import { checkDatabase, checkKey } from './check-call.ts'
import type { Database } from './database.ts'
import type { KeyProblem } from './dialect.ts'
import type { KeyDefinition } from './key.ts'

/**
 * Asks the live database whether it enforces the keys: for the start of an application, or a check in CI. Reads the
 * catalog and changes nothing; where a key is not enforced it also counts the duplicate rows, which reads the table.
 *
 * @param db a pool or an idle connection; on PostgreSQL a problem would abort an open transaction
 * @param keys from `uniqueKey`
 * @returns every problem, by key and kind, with the statements that mend it; none when all is well
 * @throws the data tool's own error, such as a missing table
 * @example
 * ```ts
 * const problems = await verifyKeys(fromPg(pool), [identityCard])
 * for (const { key, message, sql } of problems) console.error(`${key}: ${message}\n${sql}`)
 * ```
 */
export async function verifyKeys(
  db: Database,
  keys: readonly KeyDefinition[],
): Promise<readonly KeyProblem[]> {
  checkDatabase(db)
  if (!Array.isArray(keys)) throw new TypeError('verifyKeys takes a list of keys: verifyKeys(db, [key]).')
  for (const key of keys) checkKey(key)
  const problems: KeyProblem[] = []
  for (const key of keys) problems.push(...(await db.dialect.inspect(db, key)).problems)
  return problems
}
