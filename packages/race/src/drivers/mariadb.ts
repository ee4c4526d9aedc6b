import { Readable } from 'node:stream'
import { currentActor, hold, whenItIsItsTurn } from '../actor.ts'
import type { Answer, Held, Session } from '../actor.ts'
import { watchMariadb } from '../servers/mariadb.ts'
import type { Sessions } from '../sessions.ts'
import { replaceMethod } from './replace-method.ts'
import type { Method } from './replace-method.ts'

/** The part of the module `mariadb` that the gates stand in; declared here so that this package does not depend on it. */
export interface MariadbModule {
  createPool(options: object): Pool
}

interface Pool {
  getConnection(): Promise<PoolConnection>
  end(): Promise<void>
  toString(): string
}

interface PoolConnection {
  prepare(text: string): Promise<{ close(): void }>
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  release(): Promise<void>
}

/** What a connection has besides, which its types do not tell. */
interface Connection {
  /** One object for as long as the connection lives, though a pool wraps the connection anew each time. */
  readonly info: { readonly threadId: number | bigint }
  destroy(): void
}

/**
 * Gates in `mariadb`, and in what runs on it: Prisma, Sequelize. They stand in its promise interface; `mariadb/callback` has none.
 *
 * @param mariadb the module, as the application imports it: what `import` gives and what `require` gives are two copies
 * @param options where to watch the locks, by a connection of its own: as for `createConnection`, host, port and so on
 */
export function mariadbSessions(mariadb: MariadbModule, options: object): Sessions {
  return {
    async open() {
      await using stack = new AsyncDisposableStack()
      // Without a cache, `prepare` answers a statement, and not something around it.
      const pool = mariadb.createPool({ ...options, connectionLimit: 1, prepareCacheLength: 0 })
      stack.defer(() => pool.end())
      const watch = await pool.getConnection()
      stack.defer(() => watch.release())
      const server = await watchMariadb('mariadb', (text) => watch.query(text))
      const prepared = await watch.prepare('select 1')
      prepared.close()
      for (const [name, by] of Object.entries(onConnections))
        stack.use(replaceMethod(prototypeOf(watch), name, by))
      stack.use(replaceMethod(prototypeOf(prepared), 'execute', gatedExecute))
      stack.use(replaceMethod(prototypeOf(pool), 'getConnection', seenGetConnection))
      for (const name of ['query', 'execute', 'batch'])
        stack.use(replaceMethod(prototypeOf(pool), name, onConnectionOfItsOwn(name)))
      const opened = stack.move()
      return { ...server, [Symbol.asyncDispose]: () => opened.disposeAsync() }
    },
  }
}

function prototypeOf(instance: object): object {
  return Reflect.getPrototypeOf(instance) ?? instance
}

const sessions = new WeakMap<object, Session>()

/** @param gated a connection, or what is in it: they have the same `info` */
function sessionOf(gated: object): Session {
  // The gates stand in the classes of connections, and of statements, whose `conn` is one.
  const connection = gated as Connection
  const { info } = connection
  const session = sessions.get(info) ?? {
    id: () => Number(info.threadId),
    cut: () => connection.destroy(),
  }
  sessions.set(info, session)
  return session
}

/** @param statement reads it from what a method of a connection is given */
function gated(statement: (given: readonly unknown[]) => Statement): (method: Method) => Method {
  return (method) =>
    function (...given) {
      const held = hold({ session: sessionOf(this), ...statement(given) })
      return held ? inTurn(held, () => method.apply(this, given)) : method.apply(this, given)
    }
}

function inTurn(held: Held, send: () => unknown): Promise<unknown> {
  return whenItIsItsTurn(held, async () => await send(), answerOf)
}

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** As in mariadb's lib/connection-promise.js (paramSetter): a text, or options that have it. */
function statementOf([given, values]: readonly unknown[]): Statement {
  const { sql, values: own } =
    typeof given === 'object' && given !== null
      ? (given as { sql?: unknown; values?: unknown })
      : { sql: given }
  const all = own ?? values
  return { text: String(sql), values: Array.isArray(all) ? all : all === undefined ? [] : [all] }
}

const always = (text: string) => () => ({ text, values: [] })

const onConnections = {
  query: gated(statementOf),
  execute: gated(statementOf),
  batch: gated(statementOf),
  queryStream: gatedStream,
  beginTransaction: gated(always('START TRANSACTION')),
  commit: gated(always('COMMIT')),
  rollback: gated(always('ROLLBACK')),
}

/** A statement that was prepared. */
function gatedExecute(execute: Method): Method {
  return function (values, ...rest) {
    // The gate stands in the class of statements.
    const { conn, query } = this as { readonly conn: object; readonly query: string }
    const all = Array.isArray(values) ? values : values === undefined ? [] : [values]
    const held = hold({ session: sessionOf(conn), text: query, values: all })
    return held
      ? inTurn(held, () => execute.call(this, values, ...rest))
      : execute.call(this, values, ...rest)
  }
}

/** Answers a stream at once, which has rows when it is its turn. */
function gatedStream(queryStream: Method): Method {
  return function (...given) {
    const held = hold({ session: sessionOf(this), ...statementOf(given) })
    // The method answers a stream of rows, with a `close` of its own.
    const open = () => queryStream.apply(this, given) as Readable & { close(): void }
    if (!held) return open()
    let isClosed = false
    const stream = Readable.from(
      rowsOf(held, () => {
        const rows = open()
        rows.on('fields', (fields) => stream.emit('fields', fields))
        if (isClosed) rows.close()
        return rows
      }),
    )
    return Object.assign(stream, { close: () => (isClosed = true) })
  }
}

async function* rowsOf(held: Held, open: () => Readable): AsyncGenerator {
  await held.turn
  let isAnswered = false
  const answered = (answer: Answer) => {
    const instead = isAnswered ? undefined : held.answered(answer)
    isAnswered = true
    if (instead) throw instead
  }
  try {
    for await (const row of open()) {
      // After the first row there may be more when the application has read it.
      answered({ rows: [row] })
      yield row
    }
    answered({})
  } catch (error) {
    answered({ error })
    throw error
  }
}

/** Tells when an actor waits for a connection that others have. */
function seenGetConnection(getConnection: Method): Method {
  return function () {
    const actor = currentActor.getStore()
    const has = actor && isFull(this) ? actor.waitFor('a connection of the pool') : () => {}
    // It answers a promise.
    const connected = getConnection.call(this) as Promise<unknown>
    connected.then(has, has)
    return connected
  }
}

/** A pool runs a statement by what is inside of its connections, where no gate can stand; so do it as the manual explains it. */
function onConnectionOfItsOwn(name: string): (method: Method) => Method {
  return (method) =>
    function (...given) {
      if (!currentActor.getStore()) return method.apply(this, given)
      // The gate stands in the class of pools, and connections have methods of the same names.
      return run(this as { getConnection(): Promise<OneOfAPool> }, (connection) =>
        connection[name]?.(...given),
      )
    }
}

type OneOfAPool = Readonly<Record<string, (...given: unknown[]) => unknown>> & {
  release(): Promise<void>
}

async function run(
  pool: { getConnection(): Promise<OneOfAPool> },
  work: (connection: OneOfAPool) => unknown,
): Promise<unknown> {
  const connection = await pool.getConnection()
  try {
    return await work(connection)
  } finally {
    await connection.release()
  }
}

/** Nobody is idle, and no more may be opened. The limit stands only in its text: `poolPromise(active=1 idle=0 limit=10)`. */
function isFull(pool: Pick<Pool, 'toString'>): boolean {
  const { active, idle, limit } = /active=(?<active>\d+) idle=(?<idle>\d+) limit=(?<limit>\d+)/.exec(
    pool.toString(),
  )?.groups ?? { active: '', idle: '', limit: '' }
  return idle === '0' && Number(active) >= Number(limit)
}

/** Rows; or of a statement that answers none, how many it has changed. */
function answerOf(result: unknown): Answer {
  if (Array.isArray(result)) return { rows: result }
  const isChange = typeof result === 'object' && result !== null && 'affectedRows' in result
  return { count: isChange ? Number(result.affectedRows) : undefined }
}
