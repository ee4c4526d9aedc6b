import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

import { stopWhenOrphaned, type OrphanOptions } from './stop-when-orphaned.ts'

export interface ServerOptions extends OrphanOptions {
  /** The product's name, for messages. */
  readonly name: string
  readonly program: string
  readonly arguments: readonly string[]
  /** What its log has said, in any order, once it is ready. */
  readonly readyWords: readonly string[]
  /** Kills it when that happens before it is ready. */
  readonly signal?: AbortSignal | undefined
}

/** A server's main process, ready to accept connections. */
export interface ServerProcess {
  readonly pid: number
  /** Sends the signal, if it still runs, and resolves when it and all the processes it started are gone. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** The server ended before it was ready. */
export class ServerFailure extends Error {
  /** What it last said, and the errors before. */
  readonly log: string
  constructor(name: string, log: string) {
    super(`${name} ended before it was ready:\n${log}`)
    this.log = log
  }
}

/** Starts the server and resolves when its log has the ready words. */
export async function launchServer(options: ServerOptions): Promise<ServerProcess> {
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
  await ready(child, closed, options)
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

async function ready(
  child: ChildProcess,
  closed: Promise<void>,
  { name, readyWords, signal }: ServerOptions,
): Promise<void> {
  const kill = (): void => void child.kill('SIGKILL')
  if (signal?.aborted) kill()
  signal?.addEventListener('abort', kill)
  const log: string[] = []
  const missing = new Set(readyWords)
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr as Socket }).on('line', (line) => {
      log.push(line)
      if (log.length > 500) log.shift()
      for (const words of missing) if (line.includes(words)) missing.delete(words)
      if (missing.size === 0) resolve()
    })
    void closed.then(() => reject(new ServerFailure(name, endOf(log))))
  }).finally(() => signal?.removeEventListener('abort', kill))
}

/** The last lines, and the errors before, from which a server may take hundreds of lines to its end. */
function endOf(log: readonly string[]): string {
  const last = log.slice(-20)
  const errors = log.slice(0, -20).filter((line) => line.includes('[ERROR]'))
  return [...errors, ...last].join('\n')
}
