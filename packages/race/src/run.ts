import type { Answer } from './actor.ts'
import type { Footprint } from './footprint.ts'
import type { Choice, Fault } from './schedule.ts'

/** What an actor would do next. */
export interface Pending {
  readonly actor: string
  /** The statement; or the name of a yield point. */
  readonly text: string
  readonly values: readonly unknown[]
  readonly footprint: Footprint
  /** What could go wrong with it. */
  readonly faults: readonly Fault[]
}

/** An actor whose statement waits for a lock. */
export interface Waiting {
  readonly actor: string
  /** Actors; or sessions of others, by their number. */
  readonly waitsFor: readonly string[]
}

/** Where a run stands: everybody has done what they could without leave. */
export interface Situation {
  /** How many steps have been done. */
  readonly position: number
  /** What has been done since the choice before: the step that was chosen, and those that went on when it let a lock go. */
  readonly happened: readonly Footprint[]
  readonly ready: readonly Pending[]
  readonly waiting: readonly Waiting[]
}

/** Who goes next; nobody: then the run is of no more interest, and all go on as they like. */
export type Choose = (situation: Situation) => Choice | undefined

/** A step that was done. */
export interface Step extends Pending {
  readonly choice: Choice
  /** The server's number of the session; undefined at a yield point. */
  readonly session: number | undefined
  /** Whether it had to wait for a lock, and for whom at first. */
  readonly waitedFor: readonly string[]
  /** What came of it; undefined if the run was given up before. */
  readonly answer: Answer | undefined
  /** The number of the step, from 0, during which it was answered: its own, or that of who let the lock go. */
  readonly answeredAt: number | undefined
}

/** How an actor has ended. */
export type Ending = { readonly value: unknown } | { readonly error: unknown }

/** What has happened in one schedule. */
export interface Run {
  /** Who was chosen, one after another: for each step; and for each statement that was ended while it waited. */
  readonly choices: readonly Choice[]
  readonly steps: readonly Step[]
  readonly endings: ReadonlyMap<string, Ending>
  /** Whether all of it went by the choices. */
  readonly isComplete: boolean
}
