import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder and its missing parents, all of them open for every user to enter whatever the umask. */
export function makeSharedDirectory(directory: string): void {
  if (existsSync(directory)) return
  makeSharedDirectory(dirname(directory))
  mkdirSync(directory, { recursive: true }) // recursive: no error when another process has just made it
  chmodSync(directory, 0o755)
}
