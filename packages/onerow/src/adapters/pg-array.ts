const special = /["\\]/

/**
 * What pg sends for a list, letter by letter, if it is of texts, numbers and nulls: the text of an array (PostgreSQL manual,
 * 8.15.6). pg makes it, too, in three times as long, as it looks into each number for what has to be escaped; a list for many
 * callers is mostly that.
 *
 * @returns undefined when an element is anything else
 */
export function arrayText(list: readonly unknown[]): string | undefined {
  let text = ''
  for (const element of list) {
    const written = elementText(element)
    if (written === undefined) return undefined
    text += text === '' ? written : `,${written}`
  }
  return `{${text}}`
}

function elementText(element: unknown): string | undefined {
  switch (typeof element) {
    case 'string':
      return `"${special.test(element) ? element.replaceAll(/["\\]/g, String.raw`\$&`) : element}"`
    case 'number':
    case 'bigint':
      return `"${element}"`
    default:
      return element === null ? 'NULL' : undefined
  }
}
