import { chownSync, writeFileSync } from 'node:fs'

import type { ServerAccount } from './server-account.ts'

/** Writes a file that only the server's account can read. */
export function writeFileAs(account: ServerAccount | undefined, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 })
  if (account) chownSync(file, account.uid, account.gid)
}
