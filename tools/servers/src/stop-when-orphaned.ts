import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

import type { ServerAccount } from './server-account.ts'

const script = `
read -r dismissed && exit
kill -INT "$1" || exit
while kill -0 "$1" && [ -e "$2/postmaster.pid" ]; do sleep 0.05; done
if [ "$3" = temporary ]; then rm -rf -- "$2"; fi
`

export interface OrphanOptions {
  readonly account: ServerAccount | undefined
  readonly dataDirectory: string
  /** Whether the data folder goes with the server. */
  readonly temporary: boolean
}

/**
 * Stops the server `pid`, and removes its temporary folder, when this process ends without having done so,
 * be it by an uncaught error or SIGKILL: a small shell waits for its standard input, which we hold open, to end.
 * Returns a function that sends the shell away.
 */
export function stopWhenOrphaned(pid: number, options: OrphanOptions): () => void {
  // The shell cannot wait for a process that is not its child, and kill -0 finds even a zombie that nobody
  // collects (containers without an init), so it also looks at the lock file, which PostgreSQL removes last.
  const kind = options.temporary ? 'temporary' : 'kept'
  const shell = spawn('/bin/sh', ['-c', script, 'sh', String(pid), options.dataDirectory, kind], {
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
