const sqliteCodes: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  517: 'SQLITE_BUSY_SNAPSHOT',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

/** The code that an engine's manual lists for an error: 23505, 1062, SQLITE_BUSY. Throws what is no engine's error. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    if ('errcode' in error) return sqliteCodes[Number(error.errcode)] ?? `SQLite ${String(error.errcode)}`
    // The mariadb driver has a number and a name; pg has a SQLSTATE.
    if ('errno' in error && typeof error.errno === 'number') return String(error.errno)
    if ('code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))) return String(error.code)
  }
  throw error
}
