import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Engine } from './engine.ts'
import type { Session } from './open.ts'
import { watched } from './watched.ts'

export interface Callers {
  readonly sessions: readonly Session[]
  /** Resolves when each of the calls is held up by another's lock; fails when one ends instead. */
  readonly untilBlocked: (calls: readonly Promise<unknown>[]) => Promise<void>
}

/**
 * Opens connections on which calls can be seen to be held up: the server tells, and where it cannot (SQLite), the lock is
 * not waited for, so that a call that meets it fails, and tries again.
 */
export async function openCallers(engine: Engine, table: string, count: number): Promise<Callers> {
  const callers = await Promise.all(Array.from({ length: count }, () => openCaller(engine)))
  return {
    sessions: callers.map(({ session }) => session),
    untilBlocked: async (calls) => {
      let ended: unknown
      const end = (outcome: unknown) => (ended ??= { outcome })
      const anyEnd = Promise.race(calls.map((call) => call.then(end, end)))
      const assertNoneEnded = () =>
        assert.deepEqual(ended, undefined, 'a call ended, though a rival was in its way')
      if (engine.sql.waiting) {
        await untilSeen(async () => {
          assertNoneEnded()
          return (await waitingOn(engine, table)) >= calls.length
        })
      } else {
        await Promise.race([Promise.all(callers.map(({ refused }) => refused)), anyEnd])
        assertNoneEnded()
      }
    },
  }
}

/** How many sessions the server sees blocked in a statement on the table. */
export async function waitingOn({ sql, execute }: Engine, table: string): Promise<number> {
  if (!sql.waiting) throw new TypeError('The engine has no view of those who wait.')
  const [row] = await execute(sql.waiting(table))
  return Number(row?.['count'])
}

/** In milliseconds. To ask the server takes as long, and those who are waited for want the processor, too. */
const betweenLooks = 2

/** Looks again and again, and gives up only so that the process ends when what is looked for never comes. */
export async function untilSeen(look: () => Promise<boolean>): Promise<void> {
  const giveUp = AbortSignal.timeout(30_000)
  while (!(await look())) {
    giveUp.throwIfAborted()
    await setTimeout(betweenLooks)
  }
}

interface Caller {
  readonly session: Session
  /** Resolves when it has met a lock that it was not to wait for. */
  readonly refused: Promise<void>
}

async function openCaller({ session: open, sql }: Engine): Promise<Caller> {
  const session = await open()
  if (sql.busy) await session.execute(sql.busy)
  const { promise: refused, resolve } = Promise.withResolvers<void>()
  const db = watched(session.db, {
    after: (_, error) => session.db.dialect.classify(error).kind === 'retry' && resolve(),
  })
  return { session: { ...session, db }, refused }
}
