import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'

import { isReachable } from './is-reachable.ts'
import { serverAccount } from './server-account.ts'

/**
 * Where a server can keep its data: in `preferred`, unless we are root and the server's unprivileged user
 * cannot get there (a clone in /root, say); then in a folder of its own under /var/lib/onerow.
 *
 * @example
 * const dataDirectory = reachableDataDirectory(join(import.meta.dirname, '../.data'), 'documents')
 * await using server = await startPostgres({ dataDirectory })
 */
export function reachableDataDirectory(preferred: string, name: string): string {
  const path = resolve(preferred)
  if (isReachable(dirname(path), serverAccount(path))) return path
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 8)
  return join('/var/lib/onerow', `${name}-${hash}`)
}
