import type { Database, IsolationLevel } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { engineSql } from './engine-sql.ts'
import { lentSessions } from './lent-sessions.ts'
import type { LentSessions } from './lent-sessions.ts'
import type { Open, OpenDatabase, Session } from './open.ts'
import { sharedWorkers } from './workers.ts'
import type { SharedWorkers, WorkerOpen } from './workers.ts'

/** What cases of one isolation level share, because to open it takes longer than to run most of them. */
export interface Shared {
  readonly db: Database
  readonly isolation: IsolationLevel | undefined
  /** Opens a session for one case alone. */
  readonly session: OpenDatabase['session']
  /** Gives one that other cases may have had, and may have. */
  readonly lend: LentSessions['lend']
  /** Runs a statement on a connection for just that. */
  readonly execute: Session['execute']
  /** Where there can be several processes. */
  readonly workers: SharedWorkers | undefined
}

export interface Sharing {
  /** For one case. */
  at(isolation: IsolationLevel | undefined): Promise<Shared>
  /** Lets go of the processes, until a case asks for them again. */
  letWorkersGo(): Promise<void>
  close(): Promise<void>
}

/** An adapter prepares a few hundred statements for one pool or session, and each case has some of its own. */
const mostCases = 50

/** What is open at one isolation level, for some cases. */
interface Opened {
  readonly shared: Shared
  readonly close: () => Promise<void>
}

/**
 * Opens a database for each isolation level, and anew after a number of cases.
 *
 * @param isSingle whether there is one session for all, which must be set to each case's level anew
 */
export function sharing({
  where,
  open,
  worker,
  dialect,
  isSingle,
}: {
  readonly where: string
  readonly open: Open
  readonly worker?: Omit<WorkerOpen, 'where'> | undefined
  readonly isSingle: boolean
  readonly dialect: Dialect
}): Sharing {
  const workers = worker && sharedWorkers({ ...worker, where })
  const letWorkersGo = async (): Promise<void> => workers?.letGo()
  const openAt = async (isolation: IsolationLevel | undefined): Promise<Opened> => {
    const { db, session, close } = await open(where, isolation === undefined ? {} : { isolation })
    const sessions = lentSessions(session, { again: engineSql(dialect.name).isEmbedded !== true })
    const { execute, close: closeSession } = await session()
    return {
      shared: { db, isolation, session, lend: sessions.lend, execute, workers },
      async close() {
        await sessions.close()
        await closeSession()
        await close()
      },
    }
  }
  const opened = new Map<IsolationLevel | undefined, { readonly its: Opened; cases: number }>()
  return {
    async at(isolation) {
      let current = opened.get(isolation)
      if (current && current.cases >= (isSingle ? 1 : mostCases)) {
        opened.delete(isolation)
        await current.its.close()
        current = undefined
      }
      if (!current) opened.set(isolation, (current = { its: await openAt(isolation), cases: 0 }))
      current.cases++
      return current.its.shared
    },
    letWorkersGo,
    async close() {
      await letWorkersGo()
      for (const { its } of opened.values()) await its.close()
    },
  }
}
