/** A table in Markdown. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What GitHub makes of a heading, to link to. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}

/** 12345 as 12,345. */
export const thousands = (count: number): string => count.toLocaleString('en-US')

export const sumOf = <Item>(items: readonly Item[], valueOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + valueOf(item), 0)

/** Of what the explorer counts an error as, the code, if it has one: `23505` of `23505: duplicate key value …`. */
export const codeOf = (error: string): string => /^[A-Z0-9_]+(?=: )/.exec(error)?.[0] ?? error
