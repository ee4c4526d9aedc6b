import assert from 'node:assert/strict'
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
  const refused = new Set<Session>()
  const sessions = await Promise.all(Array.from({ length: count }, () => openCaller(engine, refused)))
  return {
    sessions,
    untilBlocked: async (calls) => {
      let ended: unknown
      for (const call of calls) {
        const end = (outcome: unknown) => (ended ??= { outcome })
        call.then(end, end)
      }
      await untilSeen(async () => {
        assert.deepEqual(ended, undefined, 'a call ended, though a rival was in its way')
        return (engine.sql.waiting ? await waitingOn(engine, table) : refused.size) >= calls.length
      })
    },
  }
}

/** How many sessions the server sees blocked in a statement on the table. */
export async function waitingOn({ sql, execute }: Engine, table: string): Promise<number> {
  if (!sql.waiting) throw new TypeError('The engine has no view of those who wait.')
  const [row] = await execute(sql.waiting(table))
  return Number(row?.['count'])
}

/** Looks again and again, and gives up only so that the process ends when what is looked for never comes. */
export async function untilSeen(look: () => Promise<boolean>): Promise<void> {
  const giveUp = AbortSignal.timeout(30_000)
  while (!(await look())) {
    giveUp.throwIfAborted()
    // Lets timers and the network have their turn, on drivers whose queries need neither.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function openCaller({ session: open, sql }: Engine, refused: Set<Session>): Promise<Session> {
  const session = await open()
  if (sql.busy) await session.execute(sql.busy)
  const caller: Session = {
    ...session,
    db: watched(session.db, {
      after: (_, error) => session.db.dialect.classify(error).kind === 'retry' && refused.add(caller),
    }),
  }
  return caller
}
