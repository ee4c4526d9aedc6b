import type { CallOptions } from './call.ts'
import type { Database } from './database.ts'
import { AlreadyExistsError } from './errors.ts'
import { getOrCreate } from './get-or-create.ts'
import type { GetOrCreateValues } from './get-or-create.ts'
import type { Key, RowOf } from './key.ts'

/**
 * Creates the row, or says that it exists: what a form needs.
 *
 * @returns the new row
 * @throws `AlreadyExistsError` (`kind: 'already-exists'`) with the key's message and the existing row; and whatever
 *   `getOrCreate` throws
 * @example
 * ```ts
 * const card = await createUnique(fromPg(pool), identityCard, {
 *   where: { userId: 7n, documentType: 'PAN_CARD' },
 *   create: { file: 'pan.pdf' },
 * })
 * ```
 */
export async function createUnique<K extends Key>(
  db: Database,
  key: K,
  values: GetOrCreateValues<K>,
  options?: CallOptions,
): Promise<RowOf<K>> {
  const { row, created } = await getOrCreate(db, key, values, options)
  if (!created) throw new AlreadyExistsError(key, row)
  return row
}
