import type { Run, Step } from './run.ts'

/** What happens in a run, one after another. */
export type Moment =
  /** A step is done; `waits` tells that its answer comes later. */
  | {
      readonly kind: 'step'
      readonly actor: string
      readonly number: number
      readonly step: Step
      readonly waits: boolean
    }
  /** The answer of a step that has waited. */
  | { readonly kind: 'answer'; readonly actor: string; readonly number: number; readonly step: Step }
  /** The statement that an actor waits for is ended. */
  | { readonly kind: 'kill'; readonly actor: string }
  /** An actor fails. */
  | { readonly kind: 'failure'; readonly actor: string; readonly error: unknown }

/** A run in the order in which it has happened. */
export function timelineOf({ choices, steps, endings }: Run): readonly Moment[] {
  const moments: Moment[] = []
  const waiting = new Set<number>()
  let done = 0
  const answerTo = (index: number) => {
    const step = steps[index]
    if (step && waiting.delete(index))
      moments.push({ kind: 'answer', actor: step.actor, number: index + 1, step })
  }
  for (const [position, { actor, fault }] of choices.entries()) {
    if (fault === 'kill') {
      moments.push({ kind: 'kill', actor })
      for (const index of waiting) if (steps[index]?.actor === actor) answerTo(index)
      continue
    }
    const step = steps[done]
    if (!step) continue
    const answered = answeredBy(steps, waiting, done)
    const waits =
      step.answeredAt !== done ||
      step.waitedFor.length > 0 ||
      answered.some((index) => isDeadlock(steps[index]?.answer?.error))
    moments.push({ kind: 'step', actor, number: done + 1, step, waits })
    if (waits) waiting.add(done)
    const next = choices[position + 1]
    const killed = next?.fault === 'kill' ? next.actor : undefined
    for (const index of answeredBy(steps, waiting, done)) if (steps[index]?.actor !== killed) answerTo(index)
    done++
  }
  return withFailures(moments, endings)
}

/** Whose answers come with a step. Of two in a deadlock, one fails first, and the other goes on for that. */
function answeredBy(steps: readonly Step[], waiting: ReadonlySet<number>, at: number): readonly number[] {
  const answered = [...waiting].filter((index) => steps[index]?.answeredAt === at)
  const failed = (index: number) => steps[index]?.answer?.error !== undefined
  return [...answered.filter(failed), ...answered.filter((index) => !failed(index))]
}

/** Then whose step it was waited too, if only until the server had found out. The codes are PostgreSQL's and those of MariaDB's drivers. */
function isDeadlock(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === '40P01' || error.code === 'ER_LOCK_DEADLOCK')
  )
}

/** An actor's end comes with the last that it does. */
function withFailures(moments: readonly Moment[], endings: Run['endings']): readonly Moment[] {
  const all = [...moments]
  for (const [actor, ending] of endings) {
    if (!('error' in ending)) continue
    const last = all.findLastIndex((moment) => moment.actor === actor)
    all.splice(last + 1, 0, { kind: 'failure', actor, error: ending.error })
  }
  return all
}
