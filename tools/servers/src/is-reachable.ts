import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

import type { ServerAccount } from './server-account.ts'

/**
 * Whether `account` can enter the folder, or run the file, at `path`; of a path that does not exist yet,
 * whether it can enter the deepest folder that does.
 */
export function isReachable(path: string, account: ServerAccount | undefined): boolean {
  if (!account) return true
  if (!existsSync(path)) return isReachable(dirname(path), account)
  // Asked of the kernel as that user: mode bits alone say nothing of access control lists and mounts.
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/' }).status === 0
}
