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
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

interface PgAnswer {
  readonly rows: readonly StoredRow[]
  readonly rowCount: number
}

/** Whether the client takes queries other than its own, and its answers are texts. */
export function takesQueries(client: object): client is PgQueryClient {
  const { connection, pipeline, binary } = client as Partial<PgQueryClient>
  return connection?.parsedStatements !== undefined && pipeline !== true && binary !== true
}

/** What to send for values, where those are texts, numbers, booleans, nulls and lists of them; else it is for pg to write them. */
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
 * One run of a prepared statement, for `client.query` of `pg`, which takes queries that write and read their own messages
 * ("Submittable": pg-cursor is another). It sends the messages that pg's own query sends, but as one buffer, and makes less of the
 * answer. (PostgreSQL manual, 54.2.3 and 54.7.)
 */
export class PgQuery {
  readonly name: string
  readonly text: string
  /** As they are sent. */
  readonly values: readonly (string | null)[]
  /** Called as pg calls its own; the client may put another in its place. */
  callback: (error: unknown, answer?: PgAnswer) => void
  readonly #client: PgQueryClient
  readonly #rows: StoredRow[] = []
  #fields: RowDescription['fields'] = []
  #parsers: readonly ((text: string) => unknown)[] = []
  #failure: { readonly error: unknown } | undefined

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

  /** Sends it; or says why not, as the client wants to be told. */
  submit({ stream, parsedStatements }: PgWire): unknown {
    const { name, text, values } = this
    const prepared = parsedStatements[name]
    if (prepared !== undefined && prepared !== text)
      return new Error(`Another statement is prepared as "${name}".`)
    try {
      const bytes = runMessages(name, values)
      const sent = prepared === undefined ? Buffer.concat([parseMessage(name, text), bytes]) : bytes
      // Where it is not, its end is about to be told.
      if (stream.writable) stream.write(sent)
      return null
    } catch (error) {
      return error
    }
  }

  // Asked for at each run, although a session never changes it: behind a pooler, the next run may be in another session.
  handleRowDescription({ fields }: RowDescription): void {
    this.#fields = fields
    this.#parsers = fields.map(({ dataTypeID }) => this.#client.getTypeParser(dataTypeID, 'text'))
  }

  handleDataRow({ fields: texts }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure) return
    try {
      this.#rows.push(this.#rowOf(texts))
    } catch (error) {
      this.#failure = { error }
    }
  }

  #rowOf(texts: readonly (string | null)[]): StoredRow {
    // A copy of one that has the same properties is made faster than these are added.
    const row: Record<string, unknown> = { ...this.#rows[0] }
    for (let index = 0; index < this.#fields.length; index++) {
      const [field, text = null] = [this.#fields[index], texts[index]]
      if (field) row[field.name] = text === null ? null : this.#parsers[index]?.(text)
    }
    return row
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  handleError(error: unknown): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    try {
      if (this.#failure) this.callback(this.#failure.error)
      else this.callback(null, { rows: this.#rows, rowCount: this.#rows.length })
    } catch (error) {
      // As pg's own: thrown on the way back to the socket, it would spoil the client.
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

/** Parse. The name is ASCII: `toTemplate` has made it. */
function parseMessage(name: string, text: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 4 + (name.length + 1) + (Buffer.byteLength(text) + 1) + 2)
  let at = bytes.writeUInt8(0x50)
  at = bytes.writeInt32BE(bytes.length - 1, at)
  at = writeText(bytes, `${name}\0${text}\0`, at)
  // No types of values: the server takes them from the text.
  bytes.writeInt16BE(0, at)
  return bytes
}

/** Describe the unnamed portal; Execute all of it; Sync. */
const describeExecuteSync = Buffer.from([
  0x44, 0, 0, 0, 6, 0x50, 0, 0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4,
])

/** Bind values, all of them texts, to a statement, for an answer in texts; and {@link describeExecuteSync}. */
function runMessages(statement: string, values: readonly (string | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)))
  // Of the message: itself, the portal's name, the statement's, no formats, how many values, the values, no formats.
  let size = 4 + 1 + (statement.length + 1) + 2 + 2 + 2
  for (const each of sizes) size += 4 + each
  const bytes = Buffer.allocUnsafe(1 + size + describeExecuteSync.length)
  let at = bytes.writeUInt8(0x42)
  at = bytes.writeInt32BE(size, at)
  at = writeText(bytes, `\0${statement}\0\0\0`, at)
  at = bytes.writeUInt16BE(values.length, at)
  for (const [index, value] of values.entries()) {
    at = bytes.writeInt32BE(value === null ? -1 : (sizes[index] ?? 0), at)
    if (value !== null) at = writeText(bytes, value, at)
  }
  at = bytes.writeInt16BE(0, at)
  bytes.set(describeExecuteSync, at)
  return bytes
}

/** @returns where it ends */
function writeText(bytes: Buffer, text: string, at: number): number {
  return at + bytes.write(text, at)
}
