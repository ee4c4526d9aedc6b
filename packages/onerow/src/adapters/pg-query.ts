import { Buffer } from 'node:buffer'
import type { StoredRow } from '../database.ts'
import { arrayText } from './pg-array.ts'

/** The part of `pg.Client` that a {@link PgQuery} needs; not there in `pg.native`. */
export interface PgQueryClient {
  readonly connection: PgWire
  /** Whether several queries are under way at once. Then it takes no query but its own. */
  readonly pipeline?: boolean
  /** Whether it asks for answers in the binary format. */
  readonly binary?: boolean
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown
  query(submitted: PgQuery): unknown
}

/** The part of `pg.Connection` that a {@link PgQuery} needs. */
interface PgWire {
  readonly stream: { readonly writable: boolean; write(bytes: Uint8Array): unknown }
  /** The texts of the statements that are prepared, by name. The client adds to it. */
  readonly parsedStatements: Readonly<Record<string, string>>
  parse(statement: { readonly name: string; readonly text: string }): void
  bind(portal: { readonly statement: string; readonly values: readonly unknown[] }): void
  describe(what: { readonly type: 'P' }): void
  execute(): void
  sync(): void
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** What a prepared statement answers, as each connection tells it once. */
interface Answer {
  readonly fields: RowDescription['fields']
  /** A row without its values: all rows have its form, which makes them small and fast to read. */
  readonly emptyRow: StoredRow
}

const answersByConnection = new WeakMap<PgWire, Map<string, Answer>>()

/** Whether the client takes queries other than its own, and its answers are texts. */
export function takesQueries(client: object): client is PgQueryClient {
  const { connection, pipeline, binary } = client as Partial<PgQueryClient>
  return connection?.parsedStatements !== undefined && pipeline !== true && binary !== true
}

/** What pg sends for values, where those are texts, numbers, booleans, nulls and lists of them; else it is for pg to write them. */
export function textsOf(values: readonly unknown[]): readonly (string | null)[] | undefined {
  const texts: (string | null)[] = []
  for (const value of values) {
    const text = textOf(value)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return texts
}

function textOf(value: unknown): string | null | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'undefined':
      return null
    case 'object':
      return Array.isArray(value) ? arrayText(value) : value === null ? null : undefined
    default:
      return undefined
  }
}

/**
 * One run of a prepared statement, for `client.query` of `pg`, which takes queries that write and read their own messages ("Submittable":
 * pg-cursor is another). It does with half of the work what pg's own does: once a connection has told which columns a statement has,
 * it is not asked again, and what is sent is one buffer. (PostgreSQL manual, 54.2.3 and 54.7.)
 */
export class PgQuery {
  readonly name: string
  readonly text: string
  /** As they are sent. */
  readonly values: readonly (string | null)[]
  /** The client may put another in its place. */
  callback: (error: Error | null, rows?: readonly StoredRow[]) => void
  readonly #client: PgQueryClient
  readonly #rows: StoredRow[] = []
  #answer: Answer | undefined
  #parsers: readonly ((text: string) => unknown)[] = []
  #failure: unknown

  constructor(
    client: PgQueryClient,
    { name, text, values }: Pick<PgQuery, 'name' | 'text' | 'values'>,
    callback: PgQuery['callback'],
  ) {
    this.#client = client
    this.name = name
    this.text = text
    this.values = values
    this.callback = callback
  }

  /** Sends it. */
  submit(connection: PgWire): void {
    const { name, text, values } = this
    const answer = answersByConnection.get(connection)?.get(name)
    const isPrepared = connection.parsedStatements[name] !== undefined
    if (answer && isPrepared) {
      this.#expect(answer)
      if (connection.stream.writable) connection.stream.write(messages(name, values))
      return
    }
    if (!isPrepared) connection.parse({ name, text })
    connection.bind({ statement: name, values })
    connection.describe({ type: 'P' })
    connection.execute()
    connection.sync()
  }

  #expect(answer: Answer): void {
    this.#answer = answer
    // At each run, as pg: an application may set other ones.
    this.#parsers = answer.fields.map(({ dataTypeID }) => this.#client.getTypeParser(dataTypeID, 'text'))
  }

  handleRowDescription({ fields }: RowDescription): void {
    const answer = { fields, emptyRow: Object.fromEntries(fields.map(({ name }) => [name, null])) }
    const { connection } = this.#client
    const answers = answersByConnection.get(connection) ?? new Map<string, Answer>()
    answersByConnection.set(connection, answers.set(this.name, answer))
    this.#expect(answer)
  }

  handleDataRow({ fields: texts }: { readonly fields: readonly (string | null)[] }): void {
    if (!this.#answer || this.#failure !== undefined) return
    const { fields, emptyRow } = this.#answer
    const row: Record<string, unknown> = { ...emptyRow }
    try {
      for (let index = 0; index < fields.length; index++) {
        const [field, text] = [fields[index], texts[index]]
        if (field && typeof text === 'string') row[field.name] = this.#parsers[index]?.(text)
      }
      this.#rows.push(row)
    } catch (error) {
      this.#failure = error
    }
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    if (this.#failure === undefined) this.callback(null, this.#rows)
    // What a type's parser has thrown.
    else this.callback(this.#failure as Error)
  }
}

/** Execute all of the unnamed portal; Sync. */
const executeAndSync = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4])

/** Bind values, all of them texts, to a statement, for an answer in texts; and {@link executeAndSync}. */
function messages(statement: string, values: readonly (string | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)))
  // Of the message: itself, the portal's name, the statement's, no formats, how many values, the values, no formats.
  let size = 4 + 1 + (statement.length + 1) + 2 + 2 + 2
  for (const each of sizes) size += 4 + each
  const bytes = Buffer.allocUnsafe(1 + size + executeAndSync.length)
  let at = bytes.writeUInt8(0x42)
  at = bytes.writeInt32BE(size, at)
  at = bytes.writeUInt8(0, at)
  at += bytes.write(statement, at, 'latin1')
  at = bytes.writeUInt8(0, at)
  at = bytes.writeInt16BE(0, at)
  at = bytes.writeUInt16BE(values.length, at)
  for (const [index, value] of values.entries()) {
    at = bytes.writeInt32BE(value === null ? -1 : (sizes[index] ?? 0), at)
    if (value !== null) at += bytes.write(value, at)
  }
  at = bytes.writeInt16BE(0, at)
  bytes.set(executeAndSync, at)
  return bytes
}
