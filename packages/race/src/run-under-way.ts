import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Session } from './actor.ts'
import { afterStep, beforeStep } from './faults.ts'
import { conflict, waitingFootprint } from './footprint.ts'
import type { Footprint } from './footprint.ts'
import type { Ending, Pending, Run, Situation, Step } from './run.ts'
import type { Choice, Fault } from './schedule.ts'
import type { OpenSessions } from './sessions.ts'
import { startActor } from './start-actor.ts'
import type { Intention, StartedActor } from './start-actor.ts'
import { StuckError } from './stuck-error.ts'
import { Transactions } from './transactions.ts'

/** What is run again and again. */
export interface Scenario {
  readonly sessions: OpenSessions
  readonly actors: Readonly<Record<string, () => unknown>>
  /** What may go wrong with a step. */
  readonly faults: readonly Fault[]
  /** How long nothing may happen, in milliseconds, until the run is given up. */
  readonly patience: number
}

type Recorded = { -readonly [Property in keyof Step]: Step[Property] }

/** A step that is not answered yet. */
interface Sent {
  readonly step: Recorded
  readonly session: Session | undefined
}

/** One run of the actors. */
export class RunUnderWay {
  readonly #scenario: Scenario
  readonly #transactions: Transactions
  readonly #actors: StartedActor[] = []
  readonly #choices: Choice[] = []
  readonly #steps: Recorded[] = []
  readonly #sent = new Set<Sent>()
  /** For whom those wait whose statements wait for locks, when it was last asked. */
  readonly #waits = new Map<string, readonly string[]>()
  /** What has been done since the last choice. */
  #happened: Footprint[] = []
  /** Whom the last choice may have brought to wait for a lock. */
  #stirred: readonly Sent[] = []
  #isHolding = true
  #changed = Promise.withResolvers<void>()

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#transactions = new Transactions(scenario.sessions)
  }

  start(name: string): void {
    const work = this.#scenario.actors[name]
    if (!work) return
    const starter = { onChange: () => this.#change(), isHolding: () => this.#isHolding }
    this.#actors.push(startActor(name, work, starter))
  }

  hasEnded(): boolean {
    const names = Object.keys(this.#scenario.actors)
    return names.every((name) => this.#actors.some((actor) => actor.name === name && actor.ending))
  }

  situation(): Situation {
    return {
      position: this.#steps.length,
      happened: this.#stirred.some((sent) => this.#sent.has(sent))
        ? [...this.#happened, waitingFootprint]
        : this.#happened,
      ready: this.#actors.flatMap((actor) => {
        const [next] = actor.intentions
        return next ? [this.#pending(actor, next)] : []
      }),
      waiting: [...this.#waits].map(([actor, waitsFor]) => ({ actor, waitsFor })),
    }
  }

  record(): Omit<Run, 'isComplete'> {
    const endings = new Map<string, Ending>()
    for (const { name, ending } of this.#actors) if (ending) endings.set(name, ending)
    return { choices: this.#choices, steps: this.#steps, endings }
  }

  /** Has the chosen actor do its next step; the server may answer it later. */
  async take(choice: Choice): Promise<void> {
    this.#happened = []
    this.#stirred = []
    this.#choices.push(choice)
    if (choice.fault === 'kill') return this.#kill(choice.actor)
    const actor = this.#actors.find(({ name }) => name === choice.actor)
    const intention = actor?.intentions.shift()
    if (!actor || !intention)
      throw new TypeError(`It is the turn of "${choice.actor}", who has nothing to do there.`)
    const { outgoing } = intention
    const session = outgoing?.session
    const step: Recorded = {
      ...this.#pending(actor, intention),
      choice,
      session: session?.id(),
      waitedFor: [],
      answer: undefined,
      answeredAt: undefined,
    }
    if (outgoing && choice.fault !== 'rollback') this.#transactions.go(outgoing)
    this.#steps.push(step)
    await this.#send(intention, { step, session })
  }

  /** Resolves when nobody can do anything without leave. */
  async untilAtRest(): Promise<void> {
    await this.#until(() => this.#isAtRest())
    const { settled } = this.#scenario.sessions
    if (!settled) return
    await settled()
    // That may have let somebody go on.
    await this.#until(() => this.#isAtRest())
  }

  /** Lets all go on as they like, and resolves when they have ended. */
  async untilEnded(): Promise<void> {
    this.#letGo()
    await this.#until(async () => this.hasEnded())
  }

  /** Lets all go on as they like, and ends what the server is doing for them. */
  async giveUp(): Promise<void> {
    this.#letGo()
    for (const { step } of this.#sent) await this.#kill(step.actor).catch(() => undefined)
  }

  #pending({ name }: StartedActor, { outgoing, text }: Intention): Pending {
    return {
      actor: name,
      text,
      values: outgoing?.values ?? [],
      footprint: this.#transactions.footprint(outgoing),
      faults: this.#transactions.faults(outgoing, this.#scenario.faults),
    }
  }

  async #isAtRest(): Promise<boolean> {
    // What was just answered may go on to send something at once.
    await nextTurn()
    if (this.#actors.some(isBusy)) return false
    const canGoOn = this.#actors.some(({ intentions }) => intentions.length > 0)
    if (this.#sent.size === 0) return canGoOn || this.#actors.every(({ ending }) => ending)
    if (!canGoOn) return false
    // Most statements are answered before the server could be asked whether they wait.
    const isNew = [...this.#sent].some(({ step }) => !this.#waits.has(step.actor))
    const changed = this.#changed.promise.then(() => true)
    if (isNew && (await Promise.race([changed, delay(1, false)]))) return false
    return this.#allWait()
  }

  async #send(intention: Intention, sent: Sent): Promise<void> {
    const { step, session } = sent
    const { outgoing } = intention
    // Who waits may be let go by it, and come to wait for the next lock.
    const woken = [...this.#sent].filter((other) => conflict(step.footprint, other.step.footprint))
    this.#happened.push(step.footprint, ...woken.map((other) => other.step.footprint))
    this.#stirred = [sent, ...woken]
    this.#sent.add(sent)
    intention.onAnswer = (answer) => {
      this.#sent.delete(sent)
      this.#waits.delete(step.actor)
      step.answer = answer
      step.answeredAt = this.#steps.length - 1
      if (this.#steps.at(-1) !== step) this.#happened.push(step.footprint)
      if (answer.error !== undefined && outgoing) this.#happened.push(this.#transactions.fail(outgoing))
      // A connection that was just opened has no number before.
      step.session ??= session?.id()
      return afterStep(step.choice.fault, session)
    }
    const error = await beforeStep(step.choice.fault, session)
    intention.permit(error && { error })
  }

  async #kill(actor: string): Promise<void> {
    const session = [...this.#sent].find(({ step }) => step.actor === actor)?.session?.id()
    if (session !== undefined) await this.#scenario.sessions.kill(session)
  }

  #letGo(): void {
    this.#isHolding = false
    for (const { intentions } of this.#actors)
      for (const intention of intentions.splice(0)) intention.permit()
  }

  /** Whether all that is under way waits for locks. */
  async #allWait(): Promise<boolean> {
    // Some drivers take a statement and then wait for a connection that another actor has.
    const withoutConnection = new Set(
      this.#actors.flatMap(({ name, waitsFor }) => (waitsFor.size > 0 ? [name] : [])),
    )
    const asked = [...this.#sent].filter(({ step }) => !withoutConnection.has(step.actor))
    const ids = asked.flatMap(({ session }) => session?.id() ?? [])
    if (ids.length < asked.length) return false
    const waits = await this.#scenario.sessions.waits(ids)
    this.#waits.clear()
    for (const { step, session } of asked) {
      const wait = waits.find((each) => each.session === session?.id())
      if (!wait) return false
      const waitsFor = wait.waitsFor.map((other) => this.#nameOf(other))
      if (step.waitedFor.length === 0) step.waitedFor = waitsFor
      this.#waits.set(step.actor, waitsFor)
    }
    // Of a deadlock the server soon ends somebody.
    return asked.every((sent) => this.#sent.has(sent)) && !isRing(this.#waits)
  }

  /** The actor who has used a session last. */
  #nameOf(session: number): string {
    return (
      this.#steps.findLast((step) => step.session === session)?.actor ?? `session ${session} of somebody else`
    )
  }

  #change(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** @throws `StuckError` when nothing changes for too long */
  async #until(isSo: () => Promise<boolean>): Promise<void> {
    let [since, pause] = [performance.now(), 1]
    for (;;) {
      const change = this.#changed
      if (await isSo()) return
      // To find out may have taken long, on a server that is busy.
      if (change !== this.#changed) {
        ;[since, pause] = [performance.now(), 1]
        continue
      }
      if (performance.now() - since > this.#scenario.patience) {
        // For whom they wait is to be in the report.
        if (this.#sent.size > 0) await this.#allWait().catch(() => false)
        throw new StuckError(this.situation(), this.#actors)
      }
      pause = Math.min(pause * 2, 50)
      const changed = change.promise.then(() => true)
      if (await Promise.race([changed, delay(pause, false)])) [since, pause] = [performance.now(), 1]
    }
  }
}

/** Whether some wait for each other. */
function isRing(waits: ReadonlyMap<string, readonly string[]>): boolean {
  const reaches = (from: string, to: string, seen: readonly string[] = []): boolean =>
    (waits.get(from) ?? []).some(
      (next) => next === to || (!seen.includes(next) && reaches(next, to, [...seen, next])),
    )
  return [...waits.keys()].some((actor) => reaches(actor, actor))
}

/** Whether an actor does something that no gate sees, and will come to one. */
function isBusy({ ending, intentions, sent, waitsFor }: StartedActor): boolean {
  return !ending && intentions.length === 0 && sent === 0 && waitsFor.size === 0
}
