/** Counts by name. */
export interface Tally {
  add(name: string): void
  counts(): Readonly<Record<string, number>>
}

export function newTally(): Tally {
  const counts = new Map<string, number>()
  return {
    add: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    counts: () => Object.fromEntries(counts),
  }
}

/** The counts of several processes as one, the most frequent first. */
export function sumOf(
  tallies: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const byName = Map.groupBy(tallies.flatMap(Object.entries<number>), ([name]) => name)
  const sums = [...byName].map(([name, counts]) => [name, total(counts.map(([, count]) => count))] as const)
  return Object.fromEntries(sums.sort(([, a], [, b]) => b - a))
}

export function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
