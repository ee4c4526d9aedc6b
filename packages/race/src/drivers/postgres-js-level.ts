import { levelIn, levelsOnPostgres } from '../servers/levels.ts'
import type { Isolation } from '../sessions.ts'
import type { Handler, Query } from './postgres-js-query.ts'

/** One of a pool's connections. */
interface Connection {
  /** Set while a transaction has it, or an application that has reserved it. */
  readonly reserved?: unknown
  execute(query: Query): unknown
}

/** How a connection's transactions ran before. */
interface Before {
  readonly pid: number
  readonly isolation: Isolation
  readonly sample: Query
}

/**
 * An isolation level for the transactions of an application that name none. Which connection of a pool will have a query, the driver
 * decides as it sends it, and tells nobody before. So each query that goes by a pool follows on one that gives the connection the
 * level, and travels with it.
 */
export class PostgresJsLevel implements AsyncDisposable {
  readonly #isolation: Isolation
  readonly #alive: (pids: readonly number[]) => Promise<ReadonlySet<number>>
  readonly #before = new Map<Connection, Before>()
  /** Those that send on one connection, which has the level. */
  readonly #given = new WeakSet<Handler>()

  /** @param alive of the server's numbers of sessions, those of sessions that are there */
  constructor(isolation: Isolation, alive: (pids: readonly number[]) => Promise<ReadonlySet<number>>) {
    this.#isolation = isolation
    this.#alive = alive
  }

  send(query: Query): void {
    const { handler } = query
    if (this.#given.has(handler)) {
      handler(query)
      return
    }
    const { read, set } = levelsOnPostgres
    let connection: Connection | undefined
    const first = ownQuery(query, `${read}; ${set(this.#isolation)}`, (taken) => {
      connection = taken
      if (!taken.reserved) return taken.execute(query)
      this.#given.add(handler)
      handler(query)
      return true
    })
    first.then(
      (answers) => connection && this.#note(connection, first, answers),
      (error: unknown) => connection ?? query.reject(error),
    )
    handler(first)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const alive = await this.#alive([...this.#before.values()].map(({ pid }) => pid))
    const restored = [...this.#before].map(async ([connection, { pid, isolation, sample }]) => {
      // What is sent on a connection that is closed ends the process: postgres.js 3.4.9 writes to a socket it has let go.
      if (!alive.has(pid) || sample.state?.pid !== pid) return
      const last = ownQuery(sample, levelsOnPostgres.set(isolation))
      connection.execute(last)
      await last
    })
    await Promise.allSettled(restored)
  }

  #note(connection: Connection, sample: Query, answers: unknown): void {
    const pid = sample.state?.pid
    if (typeof pid !== 'number' || this.#before.get(connection)?.pid === pid) return
    // The driver answers the rows of the first statement, as the second has none.
    this.#before.set(connection, { pid, isolation: levelIn(answers as readonly object[]), sample })
  }
}

/**
 * A query that the driver sends on its own account, and no gate holds back.
 *
 * @param sample any query
 * @param onexecute is told which connection has it, when it is on its way
 */
function ownQuery(sample: Query, text: string, onexecute?: (connection: Connection) => unknown): Query {
  const options = { simple: true, prepare: false, onexecute }
  // The class of queries is not exported. What is made here is sent by hand, and not when somebody asks for its answer.
  const query = Reflect.construct(sample.constructor, [
    [text],
    [],
    sample.handler,
    undefined,
    options,
  ]) as Query
  // `sql.file` writes the text into what it sends when it has read it.
  const strings = {
    get: () => [text],
    set: (read: readonly string[]) => Object.assign(sample, { strings: read }),
  }
  return Object.defineProperty(Object.assign(query, { executed: true }), 'strings', strings)
}
