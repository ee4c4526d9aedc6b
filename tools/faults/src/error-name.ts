import { isOnerowError } from 'onerow'

/** What to count an error as: the kind of onerow's own, the code of a data tool's, else its words. */
export function errorName(error: unknown): string {
  if (isOnerowError(error)) return error.kind
  if (!(error instanceof Error)) return String(error)
  // MariaDB's drivers have a name for each number, and sockets have codes only.
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : error.message.split('\n')[0] || error.name
}
