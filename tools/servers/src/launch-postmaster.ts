import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

import { stopWhenOrphaned, type OrphanOptions } from './stop-when-orphaned.ts'

export interface PostmasterOptions extends OrphanOptions {
  readonly program: string
  readonly arguments: readonly string[]
}

/** PostgreSQL's main process, ready to accept connections. */
export interface Postmaster {
  readonly pid: number
  /** Sends the signal, if it still runs, and resolves when it and all the processes it started are gone. */
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<void>
}

/** PostgreSQL ended before it was ready. */
export class PostmasterFailure extends Error {
  /** What it last said. */
  readonly log: string
  constructor(log: string) {
    super(`PostgreSQL ended before it was ready:\n${log}`)
    this.log = log
  }

  /** What it could not have, when another process has it. */
  get obstacle(): 'port' | 'data folder' | undefined {
    if (/could not bind .*Address (already )?in use/.test(this.log)) return 'port'
    return /lock file "postmaster\.pid" already exists/.test(this.log) ? 'data folder' : undefined
  }
}

/** Starts PostgreSQL and resolves when its log says that it accepts connections. */
export async function launchPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const child = spawn(options.program, options.arguments, {
    ...options.account,
    cwd: '/',
    detached: true, // Ctrl-C must leave the server to us, to stop it after the last query
    // Nothing of ours: other processes of the server's user can read its environment.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const output = child.stderr as Socket // Node types it as the stream it is, which hides unref
  const pid = await pidOf(child)
  child.once('exit', stopWhenOrphaned(pid, options))
  // 'close', not 'exit': every process of the server holds stderr open, so this is the end of the last one.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await ready(output, closed)
  child.unref()
  output.unref()
  return {
    pid,
    end(signal) {
      child.ref()
      output.ref()
      child.kill(signal)
      return closed
    },
  }
}

async function pidOf(child: ChildProcess): Promise<number> {
  const { pid } = child
  if (pid !== undefined) return pid
  const [reason] = (await once(child, 'error')) as [Error]
  throw reason
}

function ready(output: Socket, closed: Promise<void>): Promise<void> {
  const log: string[] = []
  return new Promise((resolve, reject) => {
    createInterface({ input: output }).on('line', (line) => {
      log.push(line)
      if (log.length > 20) log.shift()
      if (line.includes('database system is ready to accept connections')) resolve()
    })
    void closed.then(() => reject(new PostmasterFailure(log.join('\n'))))
  })
}
