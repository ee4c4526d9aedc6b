import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { currentActor, hold } from '../actor.ts'
import type { Actor, Answer, Held, Session } from '../actor.ts'
import { watchPostgres } from '../servers/postgres.ts'
import type { Sessions } from '../sessions.ts'
import { PostgresJsLevel } from './postgres-js-level.ts'
import type { Handler, Query } from './postgres-js-query.ts'
import { written } from './postgres-js-text.ts'
import { replaceMethod } from './replace-method.ts'
import type { Method } from './replace-method.ts'

/** What the module `postgres` exports by default; declared here so that this package does not depend on it. */
export type PostgresJsModule = (connectionString: string, options: { max: number }) => Sql

interface Sql {
  unsafe(text: string, values?: never[]): PromiseLike<readonly Readonly<Record<string, unknown>>[]>
  end(): Promise<void>
}

/** Ends a connection, and resolves when it is gone. */
type Terminate = (pid: number) => Promise<void>

/**
 * Gates in postgres.js, and in what runs on it: Drizzle, Kysely.
 *
 * @param postgres the module, as the application imports it: what `import` gives and what `require` gives are two copies
 * @param connectionString where to watch the locks, by a connection of its own
 */
export function postgresJsSessions(postgres: PostgresJsModule, connectionString: string): Sessions {
  return {
    async open({ isolation } = {}) {
      await using stack = new AsyncDisposableStack()
      const watch = postgres(connectionString, { max: 1 })
      stack.defer(() => watch.end())
      // postgres.js takes values of any type, which its types leave to be inferred.
      const ask = async (text: string, values: readonly unknown[]) =>
        await watch.unsafe(text, [...values] as never[])
      const server = await watchPostgres('postgres.js', ask)
      const level =
        isolation &&
        stack.use(
          new PostgresJsLevel(isolation, async (pids) => {
            const alive = await ask(`select pid from pg_stat_activity where pid = any($1::integer[])`, [pids])
            return new Set(alive.map(({ pid }) => Number(pid)))
          }),
        )
      const terminate = async (pid: number) => {
        await ask(`select pg_terminate_backend($1, 1000)`, [pid])
      }
      const gates = new Gates(terminate, level)
      const query = watch.unsafe('select 1')
      stack.use(replaceMethod(Reflect.getPrototypeOf(query) ?? query, 'handle', gates.handle))
      await query
      const opened = stack.move()
      return {
        ...server,
        isolation: isolation ?? server.isolation,
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      }
    },
  }
}

/** What sends queries on one connection, as far as is known. */
interface Line extends Session {
  /** The last that was sent. */
  query: Query
  /** The connection's own object. */
  connection: Query['state']
  /** Its transaction has ended. */
  isOver: boolean
  /** Set when it was cut; resolves when the driver knows. */
  gone: Promise<void> | undefined
  cut(): Promise<void>
}

/** Of a query that is about to be sent. */
interface Sending {
  readonly actor: Actor
  readonly line: Line
  readonly held: Held | undefined
}

class Gates {
  readonly #terminate: Terminate
  readonly #level: PostgresJsLevel | undefined
  readonly #lines = new WeakMap<Actor, WeakMap<Handler, Line>>()
  /** Of the transaction whose code is running, from its BEGIN on. */
  readonly #transaction = new AsyncLocalStorage<Line>()
  /** Those that send queries on any connection. */
  readonly #pools = new WeakSet<Handler>()

  constructor(terminate: Terminate, level: PostgresJsLevel | undefined) {
    this.#terminate = terminate
    this.#level = level
  }

  readonly handle = (handle: Method): Method => {
    const start = (query: Query, go: () => unknown) => this.#start(query, go)
    return function () {
      // The gate stands in the class of queries.
      return start(this as Query, () => handle.call(this))
    }
  }

  #start(query: Query, go: () => unknown): unknown {
    const actor = currentActor.getStore()
    if (query.executed || query.canceller === undefined || !actor) return go()
    const line = this.#lineOf(query, actor)
    const held = line.gone ? undefined : hold({ session: line, ...written(query) })
    if (!held && !line.gone) return go()
    query.executed = true
    return this.#send(query, { actor, line, held })
  }

  async #send(query: Query, { actor, line, held }: Sending): Promise<void> {
    inOwnContext(query)
    try {
      await held?.turn
    } catch (error) {
      query.reject(error)
      return
    }
    const answered = held && answeredOnce(held, () => this.#learn(query, line))
    if (answered) lookOn(query, answered)
    // What is sent on a connection that has just closed ends the process: postgres.js 3.4.9 writes to a socket it has let go.
    if (line.gone) {
      query.reject(closed())
      return
    }
    line.query = query
    if (this.#level) this.#level.send(query)
    else query.handler(query)
    if (answered && !query.state) await untilSent(query, actor, answered)
  }

  /**
   * A transaction's queries go by functions of its own, which are first seen after the BEGIN. That one goes by the function of the
   * pool, as do queries outside of transactions, each of which has a line for itself. `sql.begin` sends the BEGIN, waits for its answer,
   * and then calls the transaction's code; so what is noted as it sends it, is known there, and whose transaction it is.
   */
  #lineOf(query: Query, actor: Actor): Line {
    const { handler, options } = query
    if (options.onexecute) this.#pools.add(handler)
    if (this.#pools.has(handler)) {
      const line = this.#newLine(query)
      if (options.onexecute) this.#transaction.enterWith(line)
      return line
    }
    const lines = this.#lines.get(actor) ?? new WeakMap<Handler, Line>()
    this.#lines.set(actor, lines)
    const line = lines.get(handler) ?? this.#openLine() ?? this.#newLine(query)
    lines.set(handler, line)
    // Who has called `sql.begin` goes on with what was noted.
    if (/^\s*(commit|rollback)\s*$/i.test(written(query).text)) line.isOver = true
    return line
  }

  #openLine(): Line | undefined {
    const line = this.#transaction.getStore()
    return line?.isOver ? undefined : line
  }

  /** What has sent queries on two connections is the function of a pool. */
  #learn(query: Query, line: Line): void {
    line.connection ??= query.state
    if (line.connection !== query.state) this.#pools.add(query.handler)
  }

  #newLine(query: Query): Line {
    const terminate = this.#terminate
    return {
      query,
      connection: null,
      isOver: false,
      gone: undefined,
      id() {
        return (this.query.state ?? this.connection)?.pid ?? undefined
      },
      cut() {
        return (this.gone ??= end(this.id(), terminate))
      },
    }
  }
}

/** How long the driver takes at most to notice that the server has ended a connection, in milliseconds: it tells nobody. */
const notice = 20

async function end(pid: number | undefined, terminate: Terminate): Promise<void> {
  if (pid === undefined) return
  await terminate(pid)
  await delay(notice)
}

/** The driver calls back in the context of whoever has opened the connection. */
function inOwnContext(query: Query): void {
  if (query.cursorFn) query.cursorFn = AsyncResource.bind(query.cursorFn)
  if (query.forEachFn) query.forEachFn = AsyncResource.bind(query.forEachFn)
}

/** Answers the error that the application is to see instead. */
type Answered = (answer: Answer) => Promise<Error> | undefined

function answeredOnce(held: Held, learn: () => void): Answered {
  let isAnswered = false
  return (answer) => {
    if (isAnswered) return undefined
    isAnswered = true
    learn()
    return held.answered(answer)
  }
}

/** Looks on as a query is answered. */
function lookOn(query: Query, answered: Answered): void {
  const { resolve, reject, cursorFn } = query
  const end = async (answer: Answer, asItIs: () => void) => {
    const instead = answered(answer)
    if (instead) reject(await instead)
    else asItIs()
  }
  query.resolve = (result) => void end(answerOf(result), () => resolve(result))
  query.reject = (error) => void end({ error }, () => reject(error))
  if (!cursorFn) return
  query.cursorFn = (rows) => {
    // Some rows are there, and more when they are asked for.
    void end(answerOf(rows), () => {})
    return cursorFn(rows)
  }
}

/** How long a connection may take to be opened, in milliseconds; after that, a query counts as waiting for one that another has. */
const grace = 100

/**
 * The driver does not tell whether a query waits for a connection. A BEGIN that does is taken as done, since nobody can notice when
 * it is; what follows it is not.
 */
async function untilSent(query: Query, actor: Actor, answered: Answered): Promise<void> {
  let has: (() => void) | undefined
  const timer = setTimeout(() => {
    if (query.state) return
    has = actor.waitFor('a connection of the pool')
    if (query.options.onexecute) void answered({})
  }, grace)
  await query.then(undefined, () => {})
  clearTimeout(timer)
  has?.()
}

function closed(): Error {
  return Object.assign(new Error('write CONNECTION_CLOSED: the race explorer has cut the connection.'), {
    code: 'CONNECTION_CLOSED',
  })
}

/** Of several statements in one text there are several results, the last of which counts. */
function answerOf(result: unknown): Answer {
  const last: unknown = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result
  if (!Array.isArray(last)) return {}
  const count = 'count' in last && typeof last.count === 'number' ? last.count : undefined
  return { rows: last, count }
}
