/** Strings and quoted names, comments, parentheses, words: as much of SQL as it takes to find the WHERE of an index. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|[()]|\w+/g

/**
 * The predicate in a CREATE INDEX statement, as it is spelled there; undefined when the index has none.
 *
 * @param createIndex the `sql` of the index in `sqlite_schema`
 */
export function indexPredicate(createIndex: string): string | undefined {
  let depth = 0
  for (const match of createIndex.matchAll(tokens)) {
    const [token] = match
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0 && token.toLowerCase() === 'where')
      return createIndex.slice(match.index + token.length).trim()
  }
  return undefined
}
