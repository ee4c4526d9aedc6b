import { chownSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isReachable } from './is-reachable.ts'
import type { ServerAccount } from './server-account.ts'

/** Makes a temporary folder for a server that runs as `account`, which then owns it; in `within`, or where the system has such. */
export function temporaryDirectory(
  server: string,
  account: ServerAccount | undefined,
  within = tmpdir(),
): string {
  // Root's own TMPDIR may be closed to the server's user.
  const parent = isReachable(within, account) ? within : '/tmp'
  const directory = mkdtempSync(join(parent, `onerow-${server}-`))
  if (account) chownSync(directory, account.uid, account.gid)
  return directory
}
