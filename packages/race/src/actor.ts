import { AsyncLocalStorage } from 'node:async_hooks'

/** A connection, as its driver knows it: one object for as long as the connection lives. */
export interface Session {
  /** The server's own number of it; undefined until it is connected. */
  readonly id: () => number | undefined
  /** Ends the connection at once, as when the network fails; resolves when the server can no longer be reached by it. */
  readonly cut: () => void | Promise<void>
}

/** A statement on its way to the server. */
export interface Outgoing {
  readonly session: Session
  readonly text: string
  readonly values: readonly unknown[]
}

/** What came of a statement. */
export interface Answer {
  readonly rows?: readonly unknown[] | undefined
  /** How many rows it found or changed, where the server says so. */
  readonly count?: number | undefined
  readonly error?: unknown
}

/** A statement that is held back until it is its turn. */
export interface Held {
  /** Resolves when it is to be sent; rejects with the error that it is to end with instead. */
  readonly turn: Promise<void>
  /** To be told what came of it. Where it promises an error, the application is to see that instead: when its driver knows of it. */
  readonly answered: (answer: Answer) => Promise<Error> | undefined
}

/** An actor of the run that is under way. */
export interface Actor {
  readonly name: string
  /** @returns undefined when it is sent at once: nobody holds the run's statements back any more */
  readonly hold: (outgoing: Outgoing) => Held | undefined
  /** To be told that the actor waits for something that another may have: a connection of a pool. Call the answer when it has it. */
  readonly waitFor: (what: string) => () => void
  /** Ends when it is the actor's turn. */
  readonly pauseAt: (name: string) => Promise<void>
}

/** Whose code is running: it goes along with promises, timers and callbacks. */
export const currentActor = new AsyncLocalStorage<Actor | undefined>()

/** For a driver: holds a statement back if an actor sends it. */
export function hold(outgoing: Outgoing): Held | undefined {
  return currentActor.getStore()?.hold(outgoing)
}

/**
 * For a driver whose calls answer promises: sends a statement when it is its turn.
 *
 * @param send sends it, and answers what the driver would
 * @param read tells what came of it
 */
export async function whenItIsItsTurn<Result>(
  held: Held,
  send: () => Promise<Result>,
  read: (result: Result) => Answer,
): Promise<Result> {
  await held.turn
  const settled = await send().then(
    (result) => ({ result, answer: read(result) }),
    (error: unknown) => ({ answer: { error } }),
  )
  const instead = held.answered(settled.answer)
  if (instead) throw await instead
  if ('result' in settled) return settled.result
  throw settled.answer.error
}

/** For a driver whose calls call back: has the application see the error instead of the answer. */
export async function tell(done: (error: Error) => unknown, instead: Promise<Error>): Promise<void> {
  done(await instead)
}

/**
 * A step that is no SQL: the place where an actor lets others go first. For what is shared besides the database: a file, a cache, a
 * request to another service. Each access to that needs one right before it, or the explorer takes it for part of the statement
 * before. Outside of an exploration it does nothing.
 *
 * @param name what the report calls it
 * @example
 * ```ts
 * await yieldPoint('read the cache')
 * let user = cache.get(userId)
 * if (!user) {
 *   user = await load(userId)
 *   await yieldPoint('write the cache')
 *   cache.set(userId, user)
 * }
 * ```
 */
export async function yieldPoint(name: string): Promise<void> {
  await currentActor.getStore()?.pauseAt(name)
}
