/**
 * What to send for a list, if it is of texts, numbers and nulls: the text of an array (PostgreSQL manual, 8.15.6). What pg makes of
 * one takes several times as long, as it looks into each element for what has to be escaped; a list for many callers is mostly that.
 *
 * @returns undefined when an element is anything else
 */
export function arrayText(list: readonly unknown[]): string | undefined {
  // Not the text of a list that has one of its own.
  let isJson = !('toJSON' in list)
  for (const element of list) {
    if (typeof element === 'string' || element === null || Number.isFinite(element)) continue
    if (typeof element !== 'number' && typeof element !== 'bigint') return undefined
    isJson = false
  }
  if (isJson) {
    const json = JSON.stringify(list)
    // That differs only in its brackets, and where something has to be escaped.
    if (!json.includes('\\')) return `{${json.slice(1, -1)}}`
  }
  return `{${list.map(elementText).join(',')}}`
}

/** A number needs no quotes, nor does NULL. */
function elementText(element: unknown): string {
  return typeof element === 'string' ? `"${element.replaceAll(/["\\]/g, String.raw`\$&`)}"` : String(element)
}
