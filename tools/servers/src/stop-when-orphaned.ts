import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

import type { ServerAccount } from './server-account.ts'

const script = `
read -r dismissed && exit
kill -"$4" "$1" || exit
[ "$4" = KILL ] || while kill -0 "$1" && [ -e "$2/$5" ]; do sleep 0.05; done
[ "$3" = kept ] || until rm -rf -- "$2"; do sleep 0.05; done
`

export interface OrphanOptions {
  readonly account: ServerAccount | undefined
  readonly dataDirectory: string
  /** Whether the data folder goes with the server. */
  readonly temporary: boolean
  /** What shuts it down; or KILL, for a server of one process whose data are not kept. */
  readonly stopSignal: 'INT' | 'KILL'
  /** A file of the data folder that the server removes last, as it shuts down. */
  readonly lockFile?: string
}

/**
 * Stops the server `pid`, and removes its temporary folder, when this process ends without having done so,
 * be it by an uncaught error or SIGKILL: a small shell waits for its standard input, which we hold open, to end.
 * Returns a function that sends the shell away.
 */
export function stopWhenOrphaned(pid: number, options: OrphanOptions): () => void {
  // The shell cannot wait for a process that is not its child, and kill -0 finds even a zombie that nobody
  // collects (containers without an init), so it also looks at the lock file.
  const kind = options.temporary ? 'temporary' : 'kept'
  const words = [String(pid), options.dataDirectory, kind, options.stopSignal, options.lockFile ?? '']
  const shell = spawn('/bin/sh', ['-c', script, 'sh', ...words], {
    ...options.account,
    cwd: '/',
    detached: true, // Ctrl-C goes to the terminal's whole process group and must not end the shell with us
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const input = shell.stdin as Socket // Node types it as the stream it is, which hides unref
  shell.on('error', () => {})
  input.on('error', () => {})
  shell.unref()
  input.unref()
  return () => input.end('\n')
}
