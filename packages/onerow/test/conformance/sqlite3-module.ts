import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'

// The driver `sqlite3`, which Sequelize asks for, downloads or compiles its binary when it is installed, and the machines of
// these tests can do neither. This is the part of its API that Sequelize 6 calls, on the SQLite of Node: the same engine and
// the same errors behind another binding.

type Callback = (this: object, error: Error | null, rows?: Rows) => void
type Rows = readonly object[]
type Values = readonly unknown[] | Readonly<Record<string, unknown>>

const names: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  19: 'SQLITE_CONSTRAINT',
}

interface Settings {
  /** How long a statement waits for another connection's writer, in milliseconds. */
  patience: number
}

class Database {
  readonly filename: string
  readonly #database: DatabaseSync
  readonly #settings: Settings
  #last: Promise<void> = Promise.resolve()

  constructor(path: string, settings: Settings, opened: (error: Error | null) => void) {
    this.filename = path
    this.#settings = settings
    // A statement that waited in here would keep the process's other connections, and so the writer, from going on.
    this.#database = new DatabaseSync(path, { timeout: 0 })
    setImmediate(opened, null)
  }

  serialize(work: () => unknown): void {
    work()
  }

  all(text: string, ...given: [Callback?] | [Values, Callback?]): this {
    const [values, callback] = typeof given[0] === 'object' ? [given[0], given[1]] : [[], given[0]]
    this.#last = this.#after(this.#last, () => this.#run(text, values), callback)
    return this
  }

  run(text: string, ...given: [Callback?] | [Values, Callback?]): this {
    return this.all(text, ...given)
  }

  close(closed?: Callback): void {
    this.#last = this.#after(this.#last, async () => this.#database.close(), closed)
  }

  async #after(last: Promise<void>, work: () => Promise<Rows | void>, callback?: Callback): Promise<void> {
    await last
    try {
      const rows = await work()
      callback?.call({}, null, rows ?? [])
    } catch (error) {
      // As sqlite3 throws nothing but errors, neither does #run.
      callback?.call({}, error as Error)
    }
  }

  async #run(text: string, values: Values): Promise<Rows> {
    const deadline = Date.now() + this.#settings.patience
    const [, timeout] = /^pragma busy_timeout = (\d+)$/i.exec(text) ?? []
    if (timeout !== undefined) this.#settings.patience = Number(timeout)
    for (;;) {
      try {
        return this.#all(text, values)
      } catch (error) {
        const { errcode, message } = error as Error & { readonly errcode?: number }
        // Not the extended codes of BUSY: for those, waiting is of no use.
        if (errcode !== 5 || Date.now() >= deadline) throw asSqlite3Error(message, errcode)
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #all(text: string, values: Values): Rows {
    const statement = this.#database.prepare(text)
    // node:sqlite says itself which values it does not take.
    if (Array.isArray(values)) return statement.all({}, ...(values.map(bindable) as SQLInputValue[]))
    const named = Object.entries(values).map(([name, value]) => [name, bindable(value)] as const)
    return statement.all(Object.fromEntries(named) as Record<string, SQLInputValue>)
  }
}

/** As sqlite3 binds what SQLite has no type for. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value)
  return value instanceof Date ? value.getTime() : value
}

function asSqlite3Error(message: string, errcode = 1): Error {
  const errno = errcode & 0xff
  const code = names[errno] ?? 'SQLITE_ERROR'
  return Object.assign(new Error(`${code}: ${message}`), { errno, code })
}

/**
 * The module for one Sequelize. What it says of patience holds for all its connections, those that are still to come too:
 * each of its transactions opens one and begins there at once.
 */
export function sqlite3Module() {
  const settings: Settings = { patience: 1000 } // as sqlite3
  return {
    // Called with `new`.
    Database: function (path: string, _mode: number, opened: (error: Error | null) => void) {
      return new Database(path, settings, opened)
    },
    OPEN_READWRITE: 2,
    OPEN_CREATE: 4,
  }
}
