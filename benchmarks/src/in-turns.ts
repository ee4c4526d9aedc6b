/** All contestants in each round, every time another one first. */
export async function inTurns<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  turn: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const first = round % Math.max(contestants.length, 1)
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)])
      await turn(contestant, round)
  }
}
