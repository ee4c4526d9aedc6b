import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** "Give me the account with this e-mail address; create it if there is none." */
export type Ask = (email: string) => Promise<{ readonly id: number; readonly created: boolean }>

/** A data tool on a file, which holds a table `account` with the columns `id`, `email` and `name`. */
export interface OpenFile {
  /**
   * The calls, by their names.
   *
   * @param selected to be awaited where a call has found no row, and is about to insert one
   */
  readonly calls: (selected: () => Promise<void>) => Readonly<Record<string, Ask>>
  readonly close: () => void
}

/** What a worker is told at its start. */
export interface ContestStart {
  /** Where it finds what opens the file. */
  readonly module: string
  readonly export: string
  readonly where: string
  readonly call: string
}

export const callersOfWorker = 32

/** Runs 32 calls for one fresh key in each of two processes, all at once; answers how many were told what. */
export async function fileContest(start: ContestStart): Promise<Readonly<Record<string, number>>> {
  const path = fileURLToPath(import.meta.resolve('./file-contest-worker.ts'))
  const workers = [1, 2].map(() =>
    fork(path, [JSON.stringify(start)], {
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  )
  const told: Record<string, number> = {}
  const waiting = new Set<number>()
  await Promise.all(
    workers.map(async (worker, number) => {
      const exited = once(worker, 'exit')
      for await (const [message] of on(worker, 'message', { close: ['exit'] })) {
        // Nobody inserts before the callers of both processes have found nothing.
        if (message === 'selected') waiting.add(number)
        else for (const word of message) told[word] = (told[word] ?? 0) + 1
        if (waiting.size === workers.length) {
          waiting.clear()
          for (const other of workers) other.send('insert')
        }
        if (message !== 'selected') worker.disconnect()
      }
      await exited
    }),
  )
  return told
}
