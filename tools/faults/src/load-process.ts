import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Account } from './ledger.ts'
import type { Tool } from './open-tool.ts'

/** What a process is told at its start. */
export interface LoadStart {
  readonly tool: Tool
  readonly urls: readonly string[]
  readonly callers: number
}

/** What a process tells at its end. */
export interface LoadResult {
  readonly accounts: readonly Account[]
  readonly answered: number
  /** How many errors callers were told, by kind or code. Each repeated its call. */
  readonly errors: Readonly<Record<string, number>>
  /** How many errors of the database onerow got over by itself, by code. */
  readonly retries: Readonly<Record<string, number>>
  /** Calls that had no answer, good or bad, when the process stopped waiting for them. */
  readonly hung: number
  /** The longest call, in milliseconds. */
  readonly longest: number
}

export type LoadMessage =
  | { readonly kind: 'calling' }
  | { readonly kind: 'done'; readonly result: LoadResult }

/** A process that calls until it is told to stop. */
export interface LoadProcess {
  readonly stop: () => Promise<LoadResult>
}

/** Starts a process of load-worker.ts, and resolves when it calls. */
export async function startLoad(start: LoadStart): Promise<LoadProcess> {
  const child = fork(new URL('load-worker.ts', import.meta.url), [JSON.stringify(start)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const done = message(child, 'done')
  // Whoever stops it hears of it; should it die before, nobody listens yet.
  done.catch(() => undefined)
  await message(child, 'calling')
  return {
    async stop() {
      if (child.connected) child.send('stop')
      const { result } = await done
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
      return result
    },
  }
}

function message<const Kind extends LoadMessage['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<LoadMessage, { readonly kind: Kind }>> {
  return new Promise((resolve, reject) => {
    child.on('message', (received: LoadMessage) => {
      if (isOfKind(received, kind)) resolve(received)
    })
    child.once('exit', (code, signal) =>
      reject(new Error(`A process of callers ended (${code ?? signal}) before it said "${kind}".`)),
    )
  })
}

function isOfKind<const Kind extends LoadMessage['kind']>(
  received: LoadMessage,
  kind: Kind,
): received is Extract<LoadMessage, { readonly kind: Kind }> {
  return received.kind === kind
}
