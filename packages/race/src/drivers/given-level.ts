import { setTimeout as delay } from 'node:timers/promises'
import { currentActor, hold } from '../actor.ts'
import type { Held, Outgoing, Session } from '../actor.ts'
import { levelIn } from '../servers/levels.ts'
import type { LevelStatements } from '../servers/levels.ts'
import type { Isolation } from '../sessions.ts'

/** A connection on which the explorer can run statements of its own. */
export interface AskableSession extends Session {
  /** Sends a statement at once, past those that are held back. */
  readonly ask: (text: string) => Promise<readonly object[]>
}

interface Given {
  /** What the connection was told before, it is not told in this exploration: so here it is another session. */
  readonly session: Session
  /** How its transactions have run until now; undefined when it has its own level. */
  before: Promise<Isolation> | undefined
}

/** How long connections are waited for at the end, in milliseconds: one on which a statement still runs would keep everybody waiting. */
const patience = 2000

/**
 * An isolation level for the transactions of an application that name none: each connection is given it before the first statement
 * that is held back there, and its old one when this is disposed of.
 */
export class GivenLevel implements AsyncDisposable {
  readonly #isolation: Isolation | undefined
  readonly #statements: LevelStatements
  readonly #given = new WeakMap<AskableSession, Given>()
  /** An application may open a connection for each call, and let go of it. */
  readonly #sessions: WeakRef<AskableSession>[] = []

  /** @param isolation undefined leaves connections as they are */
  constructor(isolation: Isolation | undefined, statements: LevelStatements) {
    this.#isolation = isolation
    this.#statements = statements
  }

  /** For a driver: holds a statement back if an actor sends it. */
  hold(outgoing: Outgoing & { readonly session: AskableSession }): Held | undefined {
    const isolation = this.#isolation
    if (!isolation) return hold(outgoing)
    const given = this.#of(outgoing.session)
    const held = hold({ ...outgoing, session: given.session })
    if (!held) return undefined
    const give = () => (given.before ??= this.#give(outgoing.session, isolation))
    return { ...held, turn: after(held, give) }
  }

  /** To be told when a connection is set back to how it was opened, as some pools do between two uses. */
  forget(session: AskableSession | undefined): void {
    const given = session && this.#given.get(session)
    if (given) given.before = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const end = new AbortController()
    const restored = this.#sessions.map((reference) => this.#restore(reference.deref()))
    await Promise.race([
      // Those that are closed by now refuse it.
      Promise.allSettled(restored),
      delay(patience, undefined, { signal: end.signal }).catch(() => undefined),
    ])
    end.abort()
  }

  #of(session: AskableSession): Given {
    const known = this.#given.get(session)
    if (known) return known
    const { id, cut } = session
    const given: Given = { session: { id, cut }, before: undefined }
    this.#given.set(session, given)
    this.#sessions.push(new WeakRef(session))
    return given
  }

  #give({ ask }: AskableSession, isolation: Isolation): Promise<Isolation> {
    const { read, set } = this.#statements
    // As an actor's, these would be held back, too.
    return currentActor.run(undefined, async () => {
      const before = levelIn(await ask(read))
      await ask(set(isolation))
      return before
    })
  }

  async #restore(session: AskableSession | undefined): Promise<void> {
    const before = session && (await this.#given.get(session)?.before)
    if (before) await session.ask(this.#statements.set(before))
  }
}

/** The turn of a statement before which something else is to be done. */
async function after(held: Held, first: () => Promise<unknown>): Promise<void> {
  await held.turn
  try {
    await first()
  } catch (error) {
    throw (await held.answered({ error })) ?? error
  }
}
