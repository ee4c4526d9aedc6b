/**
 * What to send for a list, if it is of texts, numbers and nulls: the text of an array (PostgreSQL manual, 8.15.6). pg makes it, too,
 * in several times as long, as it looks into each element for what has to be escaped; a list for many callers is mostly that.
 *
 * @returns undefined when an element is anything else
 */
export function arrayText(list: readonly unknown[]): string | undefined {
  let isJson = true
  for (const element of list) {
    if (typeof element === 'string' || element === null || Number.isFinite(element)) continue
    if (typeof element !== 'number' && typeof element !== 'bigint') return undefined
    isJson = false
  }
  // JSON's text differs only in its brackets, and where something has to be escaped.
  const json = isJson ? JSON.stringify(list) : '\\'
  return `{${json.includes('\\') ? list.map(elementText).join(',') : json.slice(1, -1)}}`
}

/** A number needs no quotes, nor does NULL. */
function elementText(element: unknown): string {
  return typeof element === 'string' ? `"${element.replaceAll(/["\\]/g, String.raw`\$&`)}"` : String(element)
}
