import type { Database, IsolationLevel } from '../database.ts'
import type { Open, OpenDatabase, Session } from './open.ts'
import { sharedWorkers } from './workers.ts'
import type { SharedWorkers, WorkerStart } from './workers.ts'

/** What all cases of one isolation level share, because to open it takes longer than to run most of them. */
export interface Shared {
  readonly db: Database
  readonly isolation: IsolationLevel | undefined
  readonly session: OpenDatabase['session']
  /** Runs a statement on a connection for just that. */
  readonly execute: Session['execute']
  /** Where there can be several processes. */
  readonly workers: SharedWorkers | undefined
}

export interface Sharing {
  at(isolation: IsolationLevel | undefined): Promise<Shared>
  /** Ends the processes, until a case asks for them again. */
  stopWorkers(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a database once for each isolation level.
 *
 * @param isSingle whether there is one session for all, which must be set to each case's level anew
 */
export function sharing({
  where,
  open,
  worker,
  isSingle,
}: {
  readonly where: string
  readonly open: Open
  readonly worker?: Omit<WorkerStart, 'where'> | undefined
  readonly isSingle: boolean
}): Sharing {
  const workers = worker && sharedWorkers({ ...worker, where })
  const stopWorkers = async (): Promise<void> => workers?.stop()
  const opened = new Map<IsolationLevel | undefined, Promise<Shared>>()
  const closers: (() => Promise<void>)[] = []
  const start = async (isolation: IsolationLevel | undefined): Promise<Shared> => {
    const { db, session, close } = await open(where, isolation === undefined ? {} : { isolation })
    closers.unshift(close)
    const { execute, close: closeSession } = await session()
    closers.unshift(closeSession)
    return { db, isolation, session, execute, workers }
  }
  return {
    at(isolation) {
      let shared = isSingle ? undefined : opened.get(isolation)
      if (!shared) opened.set(isolation, (shared = start(isolation)))
      return shared
    },
    stopWorkers,
    async close() {
      await stopWorkers()
      for (const close of closers) await close()
    },
  }
}
