import { currentActor } from './actor.ts'
import type { Actor, Answer, Held, Outgoing } from './actor.ts'
import type { Ending } from './run.ts'

/** A step that an actor is about to do. */
export interface Intention {
  /** Undefined for a yield point. */
  readonly outgoing: Outgoing | undefined
  readonly text: string
  /** Lets it be done; or ends it with an error instead. */
  readonly permit: (instead?: { readonly error: unknown }) => void
  /** Set when the step is done: is told what came of it, and says which error the application is to see instead. */
  onAnswer: (answer: Answer) => Error | undefined
}

/** An actor that was started. */
export interface StartedActor {
  readonly name: string
  /** What it is about to do, in that order: more than one if it sends several statements at once. */
  readonly intentions: Intention[]
  /** How many of its statements are on their way. */
  sent: number
  /** What it waits for besides the database. */
  readonly waitsFor: Set<string>
  ending: Ending | undefined
}

/** Starts an actor. */
export interface Starter {
  /** Told whenever something about an actor has changed. */
  readonly onChange: () => void
  /** Whether steps are still held back. */
  readonly isHolding: () => boolean
}

/** An application that went on before the driver knows that the connection is lost would have it again from the pool. */
async function whenCut(error: Error, outgoing: Outgoing | undefined): Promise<Error> {
  await outgoing?.session.cut()
  return error
}

/** Runs an actor's function up to its first step; from then on each step waits until it is permitted. */
export function startActor(
  name: string,
  work: () => unknown,
  { onChange, isHolding }: Starter,
): StartedActor {
  const actor: StartedActor = { name, intentions: [], sent: 0, waitsFor: new Set(), ending: undefined }
  const intend = (text: string, outgoing: Outgoing | undefined): Held | undefined => {
    if (!isHolding()) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const intention: Intention = {
      outgoing,
      text,
      permit: (instead) => {
        if (instead) {
          intention.onAnswer(instead)
          reject(instead.error)
        } else {
          actor.sent++
          resolve()
        }
        onChange()
      },
      onAnswer: () => undefined,
    }
    actor.intentions.push(intention)
    onChange()
    return {
      turn: promise,
      answered: (answer) => {
        actor.sent--
        const instead = intention.onAnswer(answer)
        onChange()
        return instead && whenCut(instead, outgoing)
      },
    }
  }
  const gate: Actor = {
    name,
    hold: (outgoing) => intend(outgoing.text, outgoing),
    waitFor(what) {
      actor.waitsFor.add(what)
      onChange()
      return () => {
        actor.waitsFor.delete(what)
        onChange()
      }
    },
    async pauseAt(point) {
      const held = intend(point, undefined)
      if (!held) return
      await held.turn
      void held.answered({})
    },
  }
  const end = (ending: Ending) => {
    actor.ending = ending
    onChange()
  }
  void currentActor.run(gate, async () => {
    try {
      end({ value: await work() })
    } catch (error) {
      end({ error })
    }
  })
  return actor
}
