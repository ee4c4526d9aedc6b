/** A table in Markdown. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export interface Group<Item> {
  readonly items: readonly Item[]
  readonly text: string
}

/** Puts together what comes out as the same text. */
export function groupByText<Item>(
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly Group<Item>[] {
  const groups = Map.groupBy(items, textOf)
  return [...groups].map(([text, members]) => ({ items: members, text }))
}

/** A bullet, in lines of 120 characters at most. */
export function bullet(words: string): string {
  const lines: string[] = []
  let line = '-'
  for (const word of words.split(' ')) {
    if (line.length + 1 + word.length > 120) {
      lines.push(line)
      line = ' '
    }
    line += ` ${word}`
  }
  return [...lines, line].join('\n')
}

/** What GitHub makes of a heading, to link to. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
