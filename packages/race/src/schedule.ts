/** What can go wrong with a step. */
export type Fault =
  /** It is not sent and ends with an error, so that the application rolls its transaction back. */
  | 'rollback'
  /** The connection ends before the statement is sent. */
  | 'cut-before'
  /** The connection ends when the server has done what it says, and before the application hears of it. */
  | 'cut-after'
  /** While it waits for a lock, the server is told to end it. */
  | 'kill'

export const faults = ['rollback', 'cut-before', 'cut-after', 'kill'] as const satisfies readonly Fault[]

/** Who goes next. */
export interface Choice {
  readonly actor: string
  readonly fault?: Fault | undefined
}

export const sameChoice = (a: Choice, b: Choice): boolean => a.actor === b.actor && a.fault === b.fault

/** A schedule as one line to paste: `first*2 second*3 first:cut-after`. */
export function formatSchedule(choices: readonly Choice[]): string {
  const runs: { text: string; length: number }[] = []
  for (const { actor, fault } of choices) {
    const text = fault === undefined ? actor : `${actor}:${fault}`
    const last = runs.at(-1)
    if (last?.text === text) last.length++
    else runs.push({ text, length: 1 })
  }
  return runs.map(({ text, length }) => (length === 1 ? text : `${text}*${length}`)).join(' ')
}

/** @throws `TypeError` when it is no schedule of these actors */
export function parseSchedule(text: string, actors: readonly string[]): readonly Choice[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const { actor = '', fault, times = '1' } = pattern.exec(word)?.groups ?? {}
      if (!actors.includes(actor))
        throw new TypeError(
          `The schedule names "${word}", and the actors are ${actors.join(', ')}. It is written like ${example(actors)}.`,
        )
      const known = faults.find((each) => each === fault)
      if (fault !== undefined && !known)
        throw new TypeError(`The schedule names the fault "${fault}"; there are ${faults.join(', ')}.`)
      return Array.from({ length: Number(times) }, () => ({ actor, ...(known && { fault: known }) }))
    })
}

const pattern = /^(?<actor>[^:*]+)(?::(?<fault>[a-z-]+))?(?:\*(?<times>[1-9]\d*))?$/

function example([first = 'a', second = 'b']: readonly string[]): string {
  return `"${first}*2 ${second} ${first}"`
}

/** @throws `TypeError` when a name could not be told from the rest of a schedule */
export function checkActorNames(names: readonly string[]): void {
  if (names.length === 0) throw new TypeError('There are no actors: give at least one function.')
  for (const name of names) {
    if (!/^[^\s:*]+$/.test(name))
      throw new TypeError(`An actor's name has no spaces, colons or asterisks; "${name}" has.`)
  }
}

/** How many times another actor goes on than the one before. */
export function switchesIn(choices: readonly Choice[]): number {
  return choices.filter(({ actor }, index) => index > 0 && choices[index - 1]?.actor !== actor).length
}
