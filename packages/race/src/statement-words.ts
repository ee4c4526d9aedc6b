/**
 * The statements in a text of SQL, each as its words and signs: in lower case but for quoted names, without comments and without
 * what is in strings.
 *
 * @returns undefined when PostgreSQL and MariaDB, or their settings, do not agree on where strings and comments end
 */
export function textsIn(text: string): readonly (readonly string[])[] | undefined {
  if (unclear.test(text)) return undefined
  const texts: string[][] = [[]]
  for (const { groups } of text.matchAll(token)) {
    const { name, word, sign } = groups ?? {}
    if (sign === ';') texts.push([])
    // A quote that ends nowhere.
    else if (sign !== undefined && /['"`]/.test(sign)) return undefined
    else if (name !== undefined || word !== undefined || sign !== undefined)
      texts.at(-1)?.push(name ?? word?.toLowerCase() ?? sign ?? '')
  }
  return texts.filter((words) => words.length > 0)
}

/**
 * A backslash before a quote; MariaDB's comments (`#`, which is an operator of PostgreSQL's, and `/*! … *\/`, which is run); `--`
 * that only PostgreSQL takes for a comment; comments in comments, which only PostgreSQL knows; names and strings as `U&"\0061"`.
 */
const unclear = /\\['"`]|#|--[^\s-]|\/\*M?!|\/\*(?:(?!\*\/)[^])*\/\*|\bu&["']/i

/** A comment; a string, of PostgreSQL's with dollars too; a quoted name; a word or number; a sign. */
const token =
  /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|)\$[^]*?\$\k<tag>\$|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)|(?<word>[\w\u0080-\uffff][\w$\u0080-\uffff]*)|(?<sign>[^\s\w])/g
