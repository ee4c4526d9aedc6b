import type { OpenDatabase, Session } from './open.ts'

/** A session that a case has for a while. */
export interface LentSession {
  readonly session: Session
  /** @param isFit whether another case may have it, as far as its user knows */
  readonly giveBack: (isFit: boolean) => Promise<void>
}

/** Sessions that may go from one case to another: to open one takes longer than what most cases do. */
export interface LentSessions {
  readonly lend: () => Promise<LentSession>
  /** Closes those that nobody has. */
  readonly close: () => Promise<void>
}

/** @param again whether several cases may have one */
export function lentSessions(
  open: OpenDatabase['session'],
  { again }: { readonly again: boolean },
): LentSessions {
  const idle: Session[] = []
  return {
    async lend() {
      const session = idle.pop() ?? (await open())
      return {
        session,
        async giveBack(isFit) {
          if (again && isFit && (await isIdle(session))) idle.push(session)
          else await session.close()
        },
      }
    },
    async close() {
      for (const session of idle.splice(0)) await session.close()
    },
  }
}

/** Whether it has its connection still, and no transaction open. */
async function isIdle({ db }: Session): Promise<boolean> {
  try {
    return !(await db.inTransaction())
  } catch {
    return false
  }
}
