import { once } from 'node:events'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenOptions } from './open.ts'

/** What a worker is told at its start. */
export interface WorkerStart {
  readonly module: string
  readonly export: string
  readonly where: string
  readonly options: OpenOptions
  readonly table: string
}

/** `increment` is `updateOrCreate` by a function that adds one to the amount. */
export type Verb = 'getOrCreate' | 'increment'

/** What a worker is told to do: let each of `callers` call for all the owners in turn. */
export interface WorkerCalls {
  readonly verb: Verb
  readonly callers: number
  readonly owners: readonly number[]
}

/** One call as it ended. */
export interface WorkerResult {
  readonly owner: number
  readonly id?: number
  readonly created?: boolean
  readonly error?: string
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'calling' }
  | { readonly kind: 'done'; readonly results: readonly WorkerResult[] }

export interface Workers {
  /** Resolves when all the workers have begun to call; its `results` when they are done. */
  call(calls: WorkerCalls): Promise<{ readonly results: Promise<readonly WorkerResult[]> }>
  stop(): Promise<void>
}

/** Starts two processes of `worker.ts`. */
export async function startWorkers(start: WorkerStart): Promise<Workers> {
  // The published suite is compiled: the worker stands beside this file, whatever both are called.
  const path = fileURLToPath(new URL(`worker${extname(import.meta.url)}`, import.meta.url))
  const children = [1, 2].map(() =>
    fork(path, [JSON.stringify(start)], {
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  )
  await Promise.all(children.map((child) => message(child, 'ready')))
  return {
    async call(calls) {
      const calling = children.map((child) => message(child, 'calling'))
      const done = children.map((child) => message(child, 'done'))
      const results = Promise.all(done).then((all) => all.flatMap((one) => one.results))
      // Whoever awaits `calling` hears of a worker that died; `results` may have nobody yet.
      results.catch(() => undefined)
      for (const child of children) child.send(calls)
      await Promise.all(calling)
      return { results }
    },
    async stop() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const exited = once(child, 'exit')
          child.disconnect()
          await exited
        }),
      )
    },
  }
}

type MessageOf<Kind> = Extract<WorkerMessage, { readonly kind: Kind }>

function message<const Kind extends WorkerMessage['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<MessageOf<Kind>> {
  return new Promise((resolve, reject) => {
    const onMessage = (received: unknown): void => {
      if (!isMessage(received, kind)) return
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(received)
    }
    const onExit = (code: number | null): void =>
      reject(new Error(`A worker ended with code ${code} before it said "${kind}".`))
    child.on('message', onMessage)
    child.once('exit', onExit)
  })
}

function isMessage<Kind>(received: unknown, kind: Kind): received is MessageOf<Kind> {
  return typeof received === 'object' && received !== null && 'kind' in received && received.kind === kind
}
