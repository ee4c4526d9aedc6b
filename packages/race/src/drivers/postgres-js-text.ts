/** What a query of postgres.js is made of: a template, or a text and its values. */
export interface Template {
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  /** Whether the values stand between the strings. */
  readonly tagged: boolean
}

/**
 * A query as it will be sent, so far as that can be told before: its fragments and names stand in it, and what `sql(…)` makes of
 * objects and lists is `(…)`.
 */
export function written(query: Template): { readonly text: string; readonly values: readonly unknown[] } {
  if (!query.tagged) return { text: query.strings[0] ?? '', values: query.args }
  const values: unknown[] = []
  return { text: textOf(query, values), values }
}

function textOf({ strings, args, tagged }: Template, values: unknown[]): string {
  if (!tagged) return strings[0] ?? ''
  return strings
    .map((text, index) => text + (index < args.length ? partOf(args[index], values) : ''))
    .join('')
}

function partOf(part: unknown, values: unknown[]): string {
  if (isTemplate(part)) return textOf(part, values)
  // `sql(…)` makes these two, whose classes are not exported.
  const kind = typeof part === 'object' && part !== null ? part.constructor.name : ''
  if (kind === 'Builder') return '(…)'
  if (kind === 'Identifier' && isValued(part)) return String(part.value)
  return `$${values.push(isValued(part) && kind === 'Parameter' ? part.value : part)}`
}

function isTemplate(part: unknown): part is Template {
  return part instanceof Promise && 'strings' in part && 'args' in part && 'tagged' in part
}

function isValued(part: unknown): part is { readonly value: unknown } {
  return typeof part === 'object' && part !== null && 'value' in part
}
