import type { Statement, StoredRow } from '../database.ts'

/** What Kysely calls a compiled query; declared here so that onerow does not depend on `kysely`. */
interface CompiledQueryLike {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly query: RawNodeLike
  readonly queryId: QueryIdLike
}

interface RawNodeLike {
  readonly kind: 'RawNode'
  readonly sqlFragments: readonly string[]
  readonly parameters: readonly { readonly kind: 'IdentifierNode' | 'ValueNode' }[]
}

interface QueryIdLike {
  readonly queryId: string
}

interface QueryResultLike {
  readonly rows: readonly unknown[]
  readonly numAffectedRows?: bigint
}

/** The part of `Kysely` that runs a statement. */
export interface KyselyQueryable {
  getExecutor(): KyselyExecutorLike
}

/** The part of a `QueryExecutor` of Kysely that onerow calls. */
export interface KyselyExecutorLike {
  /** One object for a Kysely and all that is made of it: transactions, copies with a plugin or a schema. */
  readonly adapter: WeakKey
  readonly plugins: readonly KyselyPluginLike[]
  withoutPlugins(): KyselyExecutorLike
  compileQuery(node: RawNodeLike, queryId: QueryIdLike): { readonly sql: string }
  executeQuery(query: CompiledQueryLike): Promise<QueryResultLike>
}

interface KyselyPluginLike {
  transformResult(args: {
    readonly queryId: QueryIdLike
    readonly result: { readonly rows: never[] }
  }): Promise<QueryResultLike>
}

/** Runs a statement on a `Kysely`, a transaction of it, or what else has its `getExecutor()`. */
export async function executeOnKysely(
  db: KyselyQueryable,
  { text, values, name, counts }: Statement,
): Promise<readonly StoredRow[]> {
  const executor = db.getExecutor()
  const queryId = { queryId: crypto.randomUUID() }
  const query = { kind: 'RawNode', sqlFragments: [text], parameters: [] } as const
  const compiled = { sql: text, parameters: values, query, queryId }
  const result = await executor.withoutPlugins().executeQuery(compiled)
  if (counts) return [{ affectedRows: Number(result.numAffectedRows) }]
  // What has no name asks the catalog, whose rows are none of the plugins' business.
  const { rows } = name === undefined ? result : await throughPlugins(executor.plugins, result, queryId)
  // Kysely's drivers give rows as objects.
  return rows as readonly StoredRow[]
}

/** The result as the plugins give that of every other query: with JSON parsed, say. */
async function throughPlugins(
  plugins: readonly KyselyPluginLike[],
  result: QueryResultLike,
  queryId: QueryIdLike,
): Promise<QueryResultLike> {
  const before = Object.keys(result.rows[0] ?? {})
  let transformed = result
  for (const plugin of plugins)
    // A plugin is declared for rows of any type.
    transformed = await plugin.transformResult({ queryId, result: transformed as { rows: never[] } })
  const after = Object.keys(transformed.rows[0] ?? {})
  const renamed = before.find((property) => !after.includes(property))
  if (renamed !== undefined)
    throw new TypeError(
      `A plugin of this Kysely renames the property "${renamed}" in results. Call the property what the plugin calls it ` +
        `(it gives ${after.join(', ')}), or pass the Kysely without it: db.withoutPlugins().`,
    )
  return transformed
}

/** How a Kysely writes a name and a value: `"a" $1` for PostgreSQL. */
export function sqlStyleOf(db: KyselyQueryable): string {
  const parameters = [
    { kind: 'IdentifierNode', name: 'a' },
    { kind: 'ValueNode', value: 0 },
  ] as const
  const node = { kind: 'RawNode', sqlFragments: ['', ' ', ''], parameters } as const
  return db.getExecutor().compileQuery(node, { queryId: 'onerow' }).sql
}

/** `?1` is a name to better-sqlite3, and values in a list are bound to nameless placeholders only, which Kysely writes. */
export function withNamelessPlaceholders(statement: Statement): Statement {
  const values: unknown[] = []
  const text = withPlaceholders(statement.text, (number) => {
    values.push(statement.values[number - 1])
    return '?'
  })
  return { ...statement, text, values }
}

/**
 * Kysely's MysqlDialect does not bind: it calls `query()` of mysql2, which writes the values into the SQL and escapes them by
 * backslashes. Where the session's sql_mode has NO_BACKSLASH_ESCAPES, `\'` ends the string. So a text that would be escaped
 * is left to nobody: it goes as hexadecimal digits, which mean the same in every mode. What is no text needs no escape.
 */
export function withoutEscapes(statement: Statement): Statement {
  const values: unknown[] = []
  const text = withPlaceholders(statement.text, (number) => {
    const value = textOf(statement.values[number - 1])
    if (typeof value === 'string' && /[\p{Cc}"'\\]/u.test(value)) return hexadecimal(value)
    values.push(value)
    return '?'
  })
  return { ...statement, text, values }
}

/** Objects as JSON, as mysql2 itself sends them when it binds; its `query()` would write them as SQL. */
function textOf(value: unknown): unknown {
  const isPlain =
    typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array
  return isPlain ? value : JSON.stringify(value)
}

function hexadecimal(text: string): string {
  const bytes = [...new TextEncoder().encode(text)]
  return `_utf8mb4 x'${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}'`
}

/** Replaces the placeholders, numbered from 1 in their order unless they have numbers; not what is quoted or a comment. */
function withPlaceholders(text: string, placeholder: (number: number) => string): string {
  let count = 0
  return text.replace(
    /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--.*|\/\*[^]*?\*\/|\?(\d*)/g,
    (piece, number: string | undefined) =>
      number === undefined ? piece : placeholder(Number(number) || ++count),
  )
}
