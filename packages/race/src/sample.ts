import type { Choose, Situation } from './run.ts'
import type { Choice, Fault } from './schedule.ts'

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32, by Tommy Ettinger; public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How often something goes wrong with a step, while it still may: seldom enough that the later steps have their turn. */
const oftenness = 1 / 8

export interface SampleOptions {
  readonly faults?: readonly Fault[]
  /** How many things may go wrong in one schedule; 1 unless told. */
  readonly mostFaults?: number
}

/** For one schedule: chooses any of those who can go on, each as likely as the others; and now and then that something goes wrong. */
export function anyOf(random: () => number, { faults = [], mostFaults = 1 }: SampleOptions = {}): Choose {
  const oneOf = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)]
  let left = faults.length > 0 ? mostFaults : 0
  return ({ ready, waiting }: Situation): Choice | undefined => {
    const wrong = left > 0 && random() < oftenness ? oneOf(faultsIn({ ready, waiting }, faults)) : undefined
    if (wrong) left--
    const chosen = wrong ?? oneOf(ready)
    return chosen && { actor: chosen.actor, ...(wrong && { fault: wrong.fault }) }
  }
}

function faultsIn(
  { ready, waiting }: Pick<Situation, 'ready' | 'waiting'>,
  tried: readonly Fault[],
): readonly Choice[] {
  return [
    ...ready.flatMap(({ actor, faults }) => faults.map((fault) => ({ actor, fault }))),
    ...(tried.includes('kill') ? waiting : []).map(({ actor }) => ({ actor, fault: 'kill' as const })),
  ]
}
