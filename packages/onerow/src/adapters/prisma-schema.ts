/** A value in Prisma's schema language. A name that stands for something is its text. */
export type SchemaValue = string | number | boolean | null | Call | readonly SchemaValue[] | Arguments

/** What stands in parentheses or braces: by its name, or by its place. */
export type Arguments = ReadonlyMap<string | number, SchemaValue>

/** `cuid(2)`, `raw("…")`, `title(sort: Desc)`. */
export interface Call {
  readonly call: string
  readonly args: Arguments
}

/** `@unique(map: "…")`: the name without its `@`. */
export interface Attribute extends Call {
  /** The field or enum value that it belongs to; absent for one of the whole block, which has `@@`. */
  readonly field?: string
}

/** The attributes of a `model`, `view` or `enum`, in their order; a list's `[]` is one of them. */
export type Block = readonly Attribute[]

/**
 * Reads the attributes in a schema that a client was generated from, and which is valid therefore. (What the client itself
 * knows at run time has neither keys nor defaults nor the values of enums.)
 */
export function parsePrismaSchema(schema: string): ReadonlyMap<string, Block> {
  const blocks = new Map<string, Block>()
  for (const [, name = '', body = ''] of withoutComments(schema).matchAll(
    /^(?:model|view|enum) (\w+) \{(.*?)^\}/gms,
  ))
    blocks.set(name, attributesIn(body))
  return blocks
}

/** A string may hold what looks like a comment, and stays. */
function withoutComments(schema: string): string {
  return schema.replaceAll(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[^]*?\*\//g, '$1 ')
}

/** What the language is made of. */
function tokensIn(text: string): string[] {
  return text.match(/"(?:\\.|[^"\\])*"|@?@?[\w.-]+|\S|\n/g) ?? []
}

function attributesIn(body: string): Block {
  const attributes: Attribute[] = []
  const tokens = tokensIn(body)
  let field: string | undefined
  let isLineStart = true
  while (tokens.length > 0) {
    const token = tokens[0] ?? ''
    if (token.startsWith('@')) {
      const attribute = called(tokens, token.replace(/^@@?/, ''))
      attributes.push(token.startsWith('@@') || field === undefined ? attribute : { ...attribute, field })
    } else {
      tokens.shift()
      if (token === '[' && field !== undefined) attributes.push({ field, call: '[]', args: new Map() })
      if (isLineStart && /^\w/.test(token)) field = token
      isLineStart = token === '\n'
    }
  }
  return attributes
}

/** Takes a name and, if there are any, its arguments. */
function called(tokens: string[], call: string): Call {
  tokens.shift()
  return { call, args: tokens[0] === '(' ? listed(tokens, ')') : new Map() }
}

/** Takes values up to the closing bracket, by name or place. */
function listed(tokens: string[], end: string): Arguments {
  const values = new Map<string | number, SchemaValue>()
  tokens.shift()
  while (tokens.length > 0 && tokens[0] !== end) {
    if (tokens[0] === ',' || tokens[0] === '\n') tokens.shift()
    else if (tokens[1] === ':') {
      const [name = ''] = tokens.splice(0, 2)
      values.set(name, valueOf(tokens))
    } else values.set(values.size, valueOf(tokens))
  }
  tokens.shift()
  return values
}

function valueOf(tokens: string[]): SchemaValue {
  const [token = '', next] = tokens
  if (token === '[') return [...listed(tokens, ']').values()]
  if (token === '{') return listed(tokens, '}')
  if (next === '(') return called(tokens, token)
  tokens.shift()
  // Its strings, numbers, booleans and null are those of JSON.
  return /^("|-?\d|true$|false$|null$)/.test(token) ? (JSON.parse(token) as SchemaValue) : token
}

export function isCall(value: SchemaValue | undefined): value is Call {
  return typeof value === 'object' && value !== null && 'call' in value
}
