import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface ScratchDirectory extends Disposable {
  readonly path: string
}

/** A folder for one test. Every user may enter it, for a server that runs as another, unless `mode` says else. */
export function scratchDirectory(mode = 0o755): ScratchDirectory {
  const path = mkdtempSync(join('/tmp', 'onerow-test-'))
  chmodSync(path, mode)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
