import type { Isolation } from '../sessions.ts'

/** How a server is told at which isolation level those transactions of a session run that name none. */
export interface LevelStatements {
  /** Answers one row, whose last column is the level. */
  readonly read: string
  readonly set: (isolation: Isolation) => string
}

/** Neither takes a snapshot, so both may also stand at the beginning of a transaction. */
export const levelsOnPostgres: LevelStatements = {
  read: 'show default_transaction_isolation',
  set: (isolation) => `set session characteristics as transaction isolation level ${isolation}`,
}

export const levelsOnMariadb: LevelStatements = {
  read: `show session variables where variable_name in ('transaction_isolation', 'tx_isolation')`,
  set: (isolation) => `set session transaction isolation level ${isolation}`,
}

/** What `read` has answered. */
export function levelIn([row = {}]: readonly object[]): Isolation {
  // MariaDB writes REPEATABLE-READ. The servers have no other levels.
  return String(Object.values(row).at(-1)).toLowerCase().replaceAll('-', ' ') as Isolation
}
