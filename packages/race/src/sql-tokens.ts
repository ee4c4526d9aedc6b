/**
 * Of PostgreSQL's SQL what a parameter can hide behind: a comment; a string with escapes, one without, one between dollars; a quoted
 * name; a word, which may have a dollar in it; and a parameter's number.
 */
export const postgresToken =
  /(?<comment>--[^\n]*|\/\*[^]*?\*\/)|(?<escaped>[eE]'(?:[^'\\]|\\[^]|'')*')|'(?<string>(?:[^']|'')*)'|\$(?<tag>[A-Za-z_]\w*)?\$(?<dollars>[^]*?)\$\k<tag>\$|"(?<name>(?:[^"]|"")*)"|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|\$(?<parameter>\d+)/g

/** Of MySQL's and MariaDB's: comments, strings, quoted names; and the parameters' question marks. */
const mysqlToken =
  /--[^\n]*|#[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`]|``)*`|(?<mark>\?)/g

/** What a pattern's groups have found. */
export type Groups = Readonly<Record<string, string | undefined>>

/** Puts something else in the place of tokens. */
export function replaceTokens(text: string, by: (token: string, groups: Groups) => string): string {
  // With named groups in the pattern, the last argument is always these.
  return text.replaceAll(postgresToken, (token, ...rest: unknown[]) => by(token, rest.at(-1) as Groups))
}

/**
 * A statement with its values where their places were: `$1`, or `?`.
 *
 * @param show how a value is written
 * @returns also the values that have no place in the text
 */
export function fillIn(
  text: string,
  values: readonly unknown[],
  show: (value: unknown) => string,
): { readonly text: string; readonly left: readonly unknown[] } {
  const used = new Set<number>()
  const put = (index: number, mark: string) => {
    if (index >= values.length) return mark
    used.add(index)
    return show(values[index])
  }
  let filled = replaceTokens(text, (token, { parameter }) =>
    parameter === undefined ? token : put(Number(parameter) - 1, token),
  )
  let next = 0
  // A question mark is an operator of PostgreSQL's.
  if (used.size === 0)
    filled = text.replaceAll(mysqlToken, (token, mark?: string) => (mark ? put(next++, token) : token))
  return { text: filled, left: values.filter((_, index) => !used.has(index)) }
}
