import Table from 'cli-table3'

/** Prints rows under a heading, as a table that a person can read. */
export function printTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  // Without styles, the output stays plain text when it is piped into a file.
  const table = new Table({ head: [...head], style: { head: [], border: [] } })
  table.push(...rows.map((row) => [...row]))
  console.log(`\n${title}\n${table.toString()}`)
}

/** `1 × created` above `9 × found`. */
export function tally(told: Readonly<Record<string, number>>): string {
  const first = ['found', 'created']
  return Object.entries(told)
    .sort(([a], [b]) => first.indexOf(b) - first.indexOf(a))
    .map(([word, count]) => `${count} × ${word}`)
    .join('\n')
}
