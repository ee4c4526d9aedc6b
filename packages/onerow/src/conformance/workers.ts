import { once } from 'node:events'
import { fork } from 'node:child_process'
import type { ChildProcess, ForkOptions } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenOptions } from './open.ts'

/** How a worker opens the database of a suite. */
export interface WorkerOpen {
  /** Where it finds `export`, an `Open`. */
  readonly module: string
  readonly export: string
  readonly where: string
}

/** What it is told to open, for one case. */
export interface WorkerDatabase {
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

export type WorkerOrder =
  | ({ readonly kind: 'open' } & Omit<WorkerOpen, 'module'> & WorkerDatabase)
  | ({ readonly kind: 'call' } & WorkerCalls)

export type WorkerMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'calling' }
  | { readonly kind: 'done'; readonly results: readonly WorkerResult[] }

/** Two processes, each with the database open; it stays open for the next case. */
export interface Workers {
  /** Resolves when all the workers have begun to call; its `results` when they are done. */
  call(calls: WorkerCalls): Promise<{ readonly results: Promise<readonly WorkerResult[]> }>
  close(): Promise<void>
}

/** The two processes of a suite, for one case after another. */
export interface SharedWorkers {
  readonly open: (database: WorkerDatabase) => Promise<Workers>
  /** Lets go of them, until it opens a database again; they end when no suite has them. */
  readonly letGo: () => Promise<void>
}

/** The processes by the module that they have loaded: to start them takes longer than what most cases do. */
const pairs = new Map<string, ProcessPair>()

/** Gives two processes of `worker.ts`, which suites of one module share, and which start when the first case asks for them. */
export function sharedWorkers({ module, ...database }: WorkerOpen): SharedWorkers {
  let pair = pairs.get(module)
  if (!pair) pairs.set(module, (pair = processPair(module)))
  const { suites, open, stop } = pair
  suites.add(database)
  return {
    open(table) {
      suites.add(database)
      return open({ kind: 'open', ...database, ...table })
    },
    async letGo() {
      suites.delete(database)
      if (suites.size === 0) await stop()
    },
  }
}

interface ProcessPair {
  /** Those that have cases for it still. */
  readonly suites: Set<object>
  readonly open: (order: WorkerOrder) => Promise<Workers>
  readonly stop: () => Promise<void>
}

function processPair(module: string): ProcessPair {
  let children: readonly ChildProcess[] = []
  const stop = async (): Promise<void> => {
    const stopping = children
    children = []
    await Promise.all(stopping.map(stopped))
  }
  return {
    suites: new Set(),
    async open(order) {
      try {
        if (children.length === 0) {
          children = [1, 2].map(() => fork(workerPath, [module], forkOptions))
          await Promise.all(children.map((child) => message(child, 'started')))
        }
        await ask(children, order, 'opened')
      } catch (error) {
        await stop()
        throw error
      }
      return workersOf(children, stop)
    },
    stop,
  }
}

// The published suite is compiled: the worker stands beside this file, whatever both are called.
const workerPath = fileURLToPath(new URL(`worker${extname(import.meta.url)}`, import.meta.url))
const forkOptions: ForkOptions = {
  execArgv: process.execArgv,
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
}

function workersOf(children: readonly ChildProcess[], stop: () => Promise<void>): Workers {
  let idle = true
  return {
    async call(calls) {
      idle = false
      const done = children.map((child) => message(child, 'done'))
      const results = Promise.all(done).then((all) => {
        idle = true
        return all.flatMap((one) => one.results)
      })
      // Whoever awaits `calling` hears of a worker that died; `results` may have nobody yet.
      results.catch(() => undefined)
      await ask(children, { kind: 'call', ...calls }, 'calling')
      return { results }
    },
    async close() {
      // A case that failed can leave them in the middle of its calls; the next one gets others.
      if (!idle) await stop()
    },
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function ask(
  children: readonly ChildProcess[],
  order: WorkerOrder,
  answer: WorkerMessage['kind'],
): Promise<void> {
  const answers = children.map((child) => message(child, answer))
  // Of a worker that has ended, the answer says so.
  for (const child of children) child.send(order, () => undefined)
  await Promise.all(answers)
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
    if (hasEnded(child)) return onExit(child.exitCode)
    child.on('message', onMessage)
    child.once('exit', onExit)
  })
}

function isMessage<Kind>(received: unknown, kind: Kind): received is MessageOf<Kind> {
  return typeof received === 'object' && received !== null && 'kind' in received && received.kind === kind
}
