import { conflict, opaqueFootprint, union } from './footprint.ts'
import type { Footprint } from './footprint.ts'
import type { Pending, Situation } from './run.ts'
import { sameChoice } from './schedule.ts'
import type { Choice, Fault } from './schedule.ts'

/** A choice, and what it would do; once it was made, what it did. */
interface Option extends Choice {
  readonly footprint: Footprint
}

/** A situation on the way to the end of a schedule, and what was chosen in it so far. */
interface Node {
  readonly ready: readonly Pending[]
  readonly options: readonly Option[]
  /** Those that need not be tried here: whatever they lead to, an earlier schedule has led there. */
  readonly asleep: readonly Option[]
  readonly tried: Option[]
  current: Option
}

export interface TreeOptions {
  /** Whether to leave out what differs from another schedule only in the order of steps that do not concern each other. */
  readonly isReduced: boolean
  readonly faults: readonly Fault[]
  /** How many things may go wrong in one schedule. */
  readonly mostFaults: number
}

/**
 * All schedules, as a tree: each is a path to a leaf. Walked depth first, each run by itself from the root.
 *
 * Reduced by sleep sets (P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 5): of
 * schedules that differ only in the order of neighbouring steps that do not concern each other, one is run to its end.
 */
export class Tree {
  readonly #options: TreeOptions
  readonly #path: Node[] = []
  #depth = 0
  /** How many times an actor would have been next who was waiting for a lock. */
  infeasible = 0
  /** How much of it has been walked, from 0 to 1: as if what follows one choice were as much as what follows another beside it. */
  share = 0
  /** What went otherwise than the time before, in the same schedule. */
  readonly surprises: string[] = []

  constructor(options: TreeOptions) {
    this.#options = options
  }

  /** To be asked in a run: follows the path to its end, and grows it. */
  readonly choose = (situation: Situation): Choice | undefined => {
    const known = this.#path[this.#depth]
    if (known) return this.#again(known, situation)
    const parent = this.#path.at(-1)
    if (parent) parent.current = withEffects(parent.current, situation)
    const asleep = this.#asleepAfter(parent, situation)
    const options = this.#optionsIn(situation)
    const [first] = awake(options, asleep)
    this.infeasible += situation.waiting.length
    // Another schedule has led to all that could follow here.
    if (!first) return undefined
    this.#path.push({ ready: situation.ready, options, asleep, tried: [], current: first })
    this.#depth++
    return first
  }

  /** Turns to the next schedule. @returns whether there is one */
  next(): boolean {
    this.#depth = 0
    for (let node = this.#path.at(-1); node; node = this.#path.at(-1)) {
      node.tried.push(node.current)
      const [next] = awake(node.options, [...node.asleep, ...node.tried])
      if (next) {
        node.current = next
        this.share = walked(this.#path)
        return true
      }
      this.#path.pop()
    }
    this.share = 1
    return false
  }

  #again(node: Node, { ready, position }: Situation): Choice | undefined {
    this.#depth++
    const was = describe(node.ready)
    const is = describe(ready)
    if (was !== is)
      this.surprises.push(`step ${position + 1}: first there was ${was}; in another run of it ${is}`)
    return ready.some(({ actor }) => actor === node.current.actor) || node.current.fault === 'kill'
      ? node.current
      : undefined
  }

  #asleepAfter(parent: Node | undefined, { happened }: Situation): readonly Option[] {
    if (!parent || !this.#options.isReduced) return []
    return [...parent.asleep, ...parent.tried].filter(
      ({ actor, footprint }) =>
        actor !== parent.current.actor && !happened.some((other) => conflict(footprint, other)),
    )
  }

  #optionsIn({ ready, waiting }: Situation): readonly Option[] {
    const last = this.#path.at(-1)?.current.actor
    const free = this.#options.isReduced && ready.find(({ footprint }) => concernsNobody(footprint))
    const choosable = free
      ? [free]
      : [...ready].sort((a, b) => Number(b.actor === last) - Number(a.actor === last))
    const plain = choosable.map(({ actor, footprint }) => ({ actor, footprint }))
    const faults = this.#path.filter(({ current }) => current.fault).length
    if (faults >= this.#options.mostFaults) return plain
    return [
      ...plain,
      ...choosable.flatMap(({ actor, faults: possible }) =>
        possible.map((fault) => ({ actor, fault, footprint: opaqueFootprint })),
      ),
      ...(this.#options.faults.includes('kill') ? waiting : []).map(({ actor }): Option => ({
        actor,
        fault: 'kill',
        footprint: opaqueFootprint,
      })),
    ]
  }
}

/** A choice does what its step does, and what others do whose statements it lets go on. */
function withEffects(chosen: Option, { happened }: Situation): Option {
  return { ...chosen, footprint: happened.reduce(union, chosen.footprint) }
}

function awake(options: readonly Option[], asleep: readonly Option[]): readonly Option[] {
  return options.filter((option) => !asleep.some((other) => sameChoice(option, other)))
}

/** As D. E. Knuth estimates the size of a tree from one path (Estimating the Efficiency of Backtrack Programs, 1975). */
function walked(path: readonly Node[]): number {
  let [share, weight] = [0, 1]
  for (const { options, asleep, tried } of path) {
    weight /= awake(options, asleep).length
    share += tried.length * weight
  }
  return share
}

/** BEGIN, a savepoint, a setting: whoever does that, may as well do it first. */
function concernsNobody({ reads, writes, publishes, ...is }: Footprint): boolean {
  return reads.size + writes.size + publishes.size === 0 && !is.isSnapshot && !is.isOpaque && !is.isOutside
}

function describe(ready: readonly Pending[]): string {
  return ready.map(({ actor, text }) => `${actor}: ${sameEachTime(text)}`).join('; ') || 'nobody'
}

/** Without the tags of dollar quotes, which some tools draw anew for each statement (Sequelize's findOrCreate). */
function sameEachTime(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\$[A-Za-z_]\w*\$/g, '$$$$')
}
