import type { Outgoing, Session } from './actor.ts'
import { failed, footprintOf, noTransaction, yieldFootprint } from './footprint.ts'
import type { Footprint, TransactionState } from './footprint.ts'
import { faultsOf } from './faults.ts'
import type { Fault } from './schedule.ts'
import type { Isolation, OpenSessions } from './sessions.ts'
import { readStatement } from './statement.ts'

/** How a session's transactions begin, if it was told so: that outlives a run, as connections do. */
const usual = new WeakMap<Session, { readonly isolation: Isolation | undefined }>()

/** What of the gates it depends on what a statement does. */
type Server = Pick<OpenSessions, 'isolation' | 'serializableBy' | 'relations'>

/** What the transactions of the sessions have done so far, on which it depends what a statement does. */
export class Transactions {
  readonly #states = new WeakMap<Session, TransactionState>()
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
  }

  /** What a statement would read and write now; or a yield point. */
  footprint(outgoing: Outgoing | undefined): Footprint {
    return outgoing ? this.#watched(this.#read(outgoing).footprint) : yieldFootprint
  }

  /** Of the faults that are to be tried, those that make a difference here. */
  faults(outgoing: Outgoing | undefined, tried: readonly Fault[]): readonly Fault[] {
    if (!outgoing) return []
    return faultsOf(readStatement(outgoing.text), this.#stateOf(outgoing.session).isOpen, tried)
  }

  /** Notes that the statement is sent. */
  go(outgoing: Outgoing): void {
    this.#note(outgoing.session, this.#read(outgoing).after)
  }

  /** Notes that it has failed. @returns what comes of that besides */
  fail({ session }: Outgoing): Footprint {
    const { footprint, after } = failed(this.#stateOf(session))
    this.#note(session, after)
    return this.#watched(footprint)
  }

  #watched(footprint: Footprint): Footprint {
    return { ...footprint, isWatched: footprint.isSerializable && this.#server.serializableBy === 'cycles' }
  }

  #note(session: Session, state: TransactionState): void {
    this.#states.set(session, state)
    if (state.usual !== this.#server.isolation || usual.has(session))
      usual.set(session, { isolation: state.usual })
  }

  #read({ session, text }: Outgoing) {
    return footprintOf(readStatement(text), this.#stateOf(session), this.#server.relations)
  }

  #stateOf(session: Session): TransactionState {
    const told = usual.get(session)
    return this.#states.get(session) ?? noTransaction(told ? told.isolation : this.#server.isolation)
  }
}
