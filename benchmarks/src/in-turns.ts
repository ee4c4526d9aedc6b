/** All contestants in each round, every time another one first. */
export async function inTurns<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  turn: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds; round++)
    for (const contestant of rotated(contestants, round)) await turn(contestant, round)
}

/** The same, after a round 0 that does not count: it is there for V8 to compile what this cell runs. */
export async function inTurnsOnceWarm<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  turn: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  for (const contestant of contestants) await turn(contestant, 0)
  await inTurns(contestants, rounds, turn)
}

/** Begins with the one that stands there, and ends with the one before it. */
export function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % Math.max(items.length, 1)
  return [...items.slice(first), ...items.slice(0, first)]
}
