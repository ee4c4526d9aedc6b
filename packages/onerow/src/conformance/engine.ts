import { randomUUID } from 'node:crypto'
import type { Database, IsolationLevel } from '../database.ts'
import type { ConformanceOptions, Load } from './conformance.ts'
import { engineSql } from './engine-sql.ts'
import type { EngineSql } from './engine-sql.ts'
import type { Faults, OpenDatabase, OpenOptions, Session } from './open.ts'
import { script } from './script.ts'
import type { Shared } from './shared.ts'
import type { Workers } from './workers.ts'

/** What a case runs on. All that the case opens is closed when it ends. */
export interface Engine {
  /** On a pool, where the tool has pools. */
  readonly db: Database
  /** What must be said differently to each engine. */
  readonly sql: EngineSql
  /** The level of this run, for a case that runs at each; it is the default of every connection. */
  readonly isolation: IsolationLevel | undefined
  /** How much the cases of many callers do. */
  readonly load: Load
  /** Runs one statement, beside what the case does, on a connection of its own where there can be several. */
  readonly execute: Session['execute']
  /** Runs statements that end in semicolons at the end of a line: DDL as onerow gives it. */
  readonly script: (sql: string) => Promise<void>
  /** One that other cases may have had, and may have. */
  readonly session: () => Promise<Session>
  /** One whose settings the case may change. */
  readonly ownSession: () => Promise<Session>
  readonly open: (options: OpenOptions) => Promise<OpenDatabase>
  /** Opens the database by a way on which connections can be cut. */
  readonly openLossy: () => Promise<OpenDatabase & Pick<Faults, 'cut'>>
  /** Lets two other processes open the database, to call onerow on the table when told. */
  readonly workers: (table: string) => Promise<Workers>
  /** A name that no other case uses. */
  readonly uniqueName: (word: string) => string
}

/** Runs `work` on an engine. */
export async function withEngine(
  options: ConformanceOptions,
  shared: Shared,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const closers: ((hasPassed: boolean) => Promise<void>)[] = []
  let hasPassed = false
  try {
    await work(engineOf(options, shared, (close) => void closers.unshift(close)))
    hasPassed = true
  } finally {
    for (const close of closers) await close(hasPassed)
  }
}

function engineOf(
  { dialect, where, open: openDatabase, openLossy, load = 'full' }: ConformanceOptions,
  { db, session: openSession, lend, execute, isolation, workers: sharedWorkers }: Shared,
  atEnd: (close: (hasPassed: boolean) => Promise<void>) => void,
): Engine {
  const defaults = isolation === undefined ? {} : { isolation }
  const closing = (session: Session): Session => {
    atEnd(() => session.close())
    return session
  }
  const open = async (at: string, options: OpenOptions): Promise<OpenDatabase> => {
    const opened = await openDatabase(at, { ...defaults, ...options })
    atEnd(() => opened.close())
    return { ...opened, session: async () => closing(await opened.session()) }
  }
  return {
    db,
    sql: engineSql(dialect.name),
    isolation,
    load,
    execute,
    script: (text) => script(execute, text),
    async session() {
      const { session, giveBack } = await lend()
      atEnd(giveBack)
      return session
    },
    ownSession: async () => closing(await openSession()),
    open: (options) => open(where, options),
    openLossy: async () => {
      if (!openLossy) throw new TypeError('This case needs `openLossy`.')
      const faults = await openLossy(where)
      atEnd(() => faults.close())
      const opened = await open(faults.where, {})
      return { ...opened, cut: (moment, matching) => faults.cut(moment, matching) }
    },
    workers: async (table) => {
      if (!sharedWorkers) throw new TypeError('This case needs `worker`.')
      const workers = await sharedWorkers.open({ options: defaults, table })
      atEnd(() => workers.close())
      return workers
    },
    uniqueName: (word) => `${word}_${randomUUID().slice(0, 8)}`,
  }
}
