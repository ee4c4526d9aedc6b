import { checkKey } from './check-call.ts'
import type { Dialect } from './dialect.ts'
import type { KeyDefinition } from './key.ts'

/**
 * The DDL of a key: the statement, or statements, that make the database enforce it. For a migration.
 *
 * @param key from `uniqueKey`
 * @param dialect `postgres` from `onerow/postgres`, `sqlite` from `onerow/sqlite`, or the `dialect` of a `Database`
 * @returns SQL, ending in a semicolon
 * @example
 * ```ts
 * console.log(keySql(identityCard, postgres))
 * ```
 */
export function keySql(key: KeyDefinition, dialect: Dialect): string {
  checkKey(key)
  return dialect.keySql(key)
}
