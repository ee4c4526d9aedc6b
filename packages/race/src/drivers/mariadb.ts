import { Readable } from 'node:stream'
import { currentActor, whenItIsItsTurn } from '../actor.ts'
import type { Answer, Held } from '../actor.ts'
import { levelsOnMariadb } from '../servers/levels.ts'
import { watchMariadb } from '../servers/mariadb.ts'
import type { Sessions } from '../sessions.ts'
import { GivenLevel } from './given-level.ts'
import type { AskableSession } from './given-level.ts'
import {
  call,
  onCallbackConnections,
  onCallbackPools,
  onCallbackQueries,
  withCallback,
} from './mariadb-callback.ts'
import { answerOf, isFull, statementOf } from './mariadb-statement.ts'
import type { Statement } from './mariadb-statement.ts'
import { openWatch } from './mariadb-watch.ts'
import { replaceMethod } from './replace-method.ts'
import type { Method } from './replace-method.ts'

/** The part of the modules `mariadb` and `mariadb/callback` that the gates stand in; declared here so that this package does not depend on it. */
export interface MariadbModule {
  createPool(options: object): object
}

/** What a connection has besides, which its types do not tell. */
interface Connection {
  /** One object for as long as the connection lives, though a pool wraps the connection anew each time. */
  readonly info: { readonly threadId: number | bigint }
  destroy(): void
  /** Answers a promise, or calls back. */
  query(given: object, done?: (error: unknown, rows: Rows) => void): unknown
  queryStream(given: object): Readable
}

type Rows = readonly object[]

/** What is in a connection, and calls back. */
interface InnerConnection extends Omit<Connection, 'query' | 'queryStream'> {
  query(given: object, done: (rows: Rows) => void, failed: (error: unknown) => void): void
}

/**
 * Gates in `mariadb`, and in what runs on it: Prisma, Sequelize.
 *
 * @param mariadb the module, as the application imports it: `mariadb` or `mariadb/callback`; and what `import` gives and what
 *   `require` gives are two copies
 * @param options where to watch the locks, by a connection of its own: as for `createConnection`, host, port and so on
 */
export function mariadbSessions(mariadb: MariadbModule, options: object): Sessions {
  return {
    async open({ isolation } = {}) {
      await using stack = new AsyncDisposableStack()
      // Without a cache, `prepare` answers a statement, and not something around it.
      const watch = await openWatch(
        mariadb.createPool({ ...options, connectionLimit: 1, prepareCacheLength: 0 }),
      )
      stack.use(watch)
      const { connection, pool, prepared, isCallback } = watch
      const server = await watchMariadb('mariadb', watch.query)
      const level = stack.use(new GivenLevel(isolation, levelsOnMariadb))
      const replace = (owner: object, gates: Gates) => {
        for (const [name, by] of Object.entries(gates)) stack.use(replaceMethod(owner, name, by))
      }
      replace(
        prototypeOf(connection),
        isCallback ? onCallbackConnections({ level, sessionOf }) : onConnections(level),
      )
      if (isCallback) replace(connection.constructor, onCallbackQueries({ level, sessionOf }))
      replace(prototypeOf(prepared), onPrepared(level))
      replace(prototypeOf(innerOf(prepared)), onInner(level))
      replace(prototypeOf(pool), isCallback ? onCallbackPools : onPools)
      const opened = stack.move()
      return {
        ...server,
        isolation: isolation ?? server.isolation,
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      }
    },
  }
}

type Gates = Readonly<Record<string, (method: Method) => Method>>

function prototypeOf(instance: object): object {
  return Reflect.getPrototypeOf(instance) ?? instance
}

/** Its types do not tell that a prepared statement has what is in its connection. */
const innerOf = (prepared: object): InnerConnection => (prepared as { readonly conn: InnerConnection }).conn

const sessions = new WeakMap<object, AskableSession>()

/** @param gated a connection, or what is in it: they have the same `info` */
function sessionOf(gated: object): AskableSession {
  // The gates stand in the classes of connections, and of statements, whose `conn` is one.
  const connection = gated as Connection | InnerConnection
  const { info } = connection
  const session: AskableSession = sessions.get(info) ?? {
    id: () => Number(info.threadId),
    cut: () => connection.destroy(),
    ask: (text) => ask(connection, text),
  }
  sessions.set(info, session)
  return session
}

function ask(connection: Connection | InnerConnection, sql: string): Promise<Rows> {
  if (!('queryStream' in connection))
    return new Promise((resolve, reject) => connection.query({ sql }, resolve, reject))
  return new Promise((resolve, reject) => {
    const answer = connection.query({ sql }, (error: unknown, rows: Rows) => {
      if (error) reject(error)
      else resolve(rows)
    })
    // The promise interface takes the callback for values, of which there are none.
    if (answer instanceof Promise) resolve(answer)
  })
}

/** @param statement reads it from what a method of a connection is given */
function gated(
  level: GivenLevel,
  statement: (given: readonly unknown[]) => Statement,
): (method: Method) => Method {
  return (method) =>
    function (...given) {
      const held = level.hold({ session: sessionOf(this), ...statement(given) })
      return held ? inTurn(held, () => method.apply(this, given)) : method.apply(this, given)
    }
}

function inTurn(held: Held, send: () => unknown): Promise<unknown> {
  return whenItIsItsTurn(held, async () => await send(), answerOf)
}

const always = (text: string) => () => ({ text, values: [] })

const onConnections = (level: GivenLevel): Gates => ({
  query: gated(level, statementOf),
  execute: gated(level, statementOf),
  batch: gated(level, statementOf),
  queryStream: gatedStream(level, (connection, given) => ({
    session: sessionOf(connection),
    ...statementOf(given),
  })),
  beginTransaction: gated(level, always('START TRANSACTION')),
  commit: gated(level, always('COMMIT')),
  rollback: gated(level, always('ROLLBACK')),
})

const onPrepared = (level: GivenLevel): Gates => ({
  execute: (execute) => gatedExecute(execute, level),
  executeStream: gatedStream(level, preparedStatement),
})

const onInner = (level: GivenLevel): Gates => ({
  reset: (reset) => seenReset(reset, level),
  changeUser: (changeUser) => seenReset(changeUser, level),
})

function preparedStatement(prepared: object, [values]: readonly unknown[]): Sent {
  // The gates stand in the class of statements.
  const { conn, query } = prepared as { readonly conn: object; readonly query: string }
  return { session: sessionOf(conn), ...statementOf([query, values]) }
}

/** A statement that was prepared. */
function gatedExecute(execute: Method, level: GivenLevel): Method {
  return function (values, ...rest) {
    const held = level.hold(preparedStatement(this, [values]))
    if (!held) return execute.call(this, values, ...rest)
    if (!rest.some((each) => typeof each === 'function'))
      return inTurn(held, () => execute.call(this, values, ...rest))
    return void call(held, ...withCallback(rest, (given) => execute.call(this, values, ...given)))
  }
}

interface Sent extends Statement {
  readonly session: AskableSession
}

/** Answers a stream at once, which has rows when it is its turn. */
function gatedStream(
  level: GivenLevel,
  statement: (sender: object, given: readonly unknown[]) => Sent,
): (method: Method) => Method {
  return (method) =>
    function (...given) {
      const held = level.hold(statement(this, given))
      // The method answers a stream of rows; on connections, with a `close` of its own.
      const open = () => method.apply(this, given) as Readable & { close?(): void }
      if (!held) return open()
      let isClosed = false
      const stream = Readable.from(
        rowsOf(held, () => {
          const rows = open()
          rows.on('fields', (fields) => stream.emit('fields', fields))
          if (isClosed) rows.close?.()
          return rows
        }),
      )
      return Object.assign(stream, { close: () => (isClosed = true) })
    }
}

async function* rowsOf(held: Held, open: () => Readable): AsyncGenerator {
  await held.turn
  let isAnswered = false
  const answered = async (answer: Answer) => {
    const instead = isAnswered ? undefined : held.answered(answer)
    isAnswered = true
    if (instead) throw await instead
  }
  try {
    for await (const row of open()) {
      // After the first row there may be more when the application has read it.
      await answered({ rows: [row] })
      yield row
    }
    await answered({})
  } catch (error) {
    await answered({ error })
    throw error
  }
}

/** A pool may do so whenever a connection is given back. */
function seenReset(reset: Method, level: GivenLevel): Method {
  return function (...given) {
    // The gate stands in the class of what is in connections, which has their `info`.
    level.forget(sessions.get((this as Pick<Connection, 'info'>).info))
    return reset.apply(this, given)
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

const onPools: Gates = {
  getConnection: seenGetConnection,
  query: onConnectionOfItsOwn('query'),
  execute: onConnectionOfItsOwn('execute'),
  batch: onConnectionOfItsOwn('batch'),
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
