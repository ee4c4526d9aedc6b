import { AsyncResource } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { currentActor, tell } from '../actor.ts'
import type { Answer } from '../actor.ts'
import { levelsOnMariadb } from '../servers/levels.ts'
import { watchMariadb } from '../servers/mariadb.ts'
import type { Sessions } from '../sessions.ts'
import { cutConnection } from './cut-connection.ts'
import { GivenLevel } from './given-level.ts'
import type { AskableSession } from './given-level.ts'
import { replaceMethod } from './replace-method.ts'
import type { Method } from './replace-method.ts'

/** The part of the modules `mysql2` and `mysql2/promise` that the gates stand in; declared here so that this package does not depend on it. */
export interface Mysql2Module {
  createPool(options: object): object
}

interface Pool {
  promise(): {
    getConnection(): Promise<PromiseConnection>
    end(): Promise<void>
  }
}

interface PromiseConnection {
  readonly connection: object
  query(text: string): Promise<[readonly Readonly<Record<string, unknown>>[], unknown]>
}

/** What a connection has besides, which its types do not tell. */
interface Connection extends EventEmitter {
  readonly threadId: number | null
  readonly stream: Duplex
  readonly _closing?: boolean
  addCommand(command: Command): unknown
  query(text: string, done: (error: unknown, rows: readonly object[]) => void): unknown
}

/** What a connection is to do: a `Query`, an `Execute`, a `Prepare`, a `Ping`, … */
interface Command extends EventEmitter {
  readonly sql?: string
  readonly values?: unknown
  /** Of an `Execute` of what was prepared before. */
  readonly statement?: { readonly query: string }
  /** Told what comes of it; without, it emits that. */
  onResult?: ((...given: unknown[]) => unknown) | undefined
}

/**
 * Gates in `mysql2`, and in all that runs on it: Drizzle, Kysely, TypeORM, Sequelize, MikroORM, Knex.
 *
 * @param mysql2 the module, as the application imports it: `mysql2` or `mysql2/promise`
 * @param options where to watch the locks, by a connection of its own: as for `createConnection`, `{ uri }` or host, port and so on
 */
export function mysql2Sessions(mysql2: Mysql2Module, options: object): Sessions {
  return {
    async open({ isolation } = {}) {
      await using stack = new AsyncDisposableStack()
      const pool = poolOf(mysql2.createPool({ ...options, connectionLimit: 1 }))
      stack.defer(() => pool.promise().end())
      const watch = await pool.promise().getConnection()
      const server = await watchMariadb('mysql2', async (text) => (await watch.query(text))[0])
      const level = stack.use(new GivenLevel(isolation, levelsOnMariadb))
      const gated = (addCommand: Method) => gatedAddCommand({ addCommand, level })
      stack.use(replaceMethod(prototypeOf(watch.connection), 'addCommand', gated))
      stack.use(replaceMethod(prototypeOf(pool), 'getConnection', seenGetConnection))
      const opened = stack.move()
      return {
        ...server,
        isolation: isolation ?? server.isolation,
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      }
    },
  }
}

/** The pool of `mysql2`, which that of `mysql2/promise` has in it. */
function poolOf(pool: object): Pool {
  // It has one of the two shapes.
  return 'pool' in pool ? (pool.pool as Pool) : (pool as Pool)
}

function prototypeOf(instance: object): object {
  return Reflect.getPrototypeOf(instance) ?? instance
}

/** What a connection has to do that it does not do yet. */
interface Line {
  /** `execute` prepares and executes in one go. Both are one step, so the first waits for the second. */
  prepare: Command | undefined
  /** Statements that are held back. What comes after them and is none must not pass them. */
  readonly held: Set<Promise<void>>
  /** What comes now passes them. */
  isOpen: boolean
}

const lines = new WeakMap<object, Line>()

function lineOf(connection: object): Line {
  const line = lines.get(connection) ?? { prepare: undefined, held: new Set(), isOpen: false }
  lines.set(connection, line)
  return line
}

interface Gate {
  readonly addCommand: Method
  readonly level: GivenLevel
}

function gatedAddCommand(gate: Gate): Method {
  return function (given) {
    // The gate stands in the class of connections, and this is what they give to it.
    const [connection, command] = [this as Connection, given as Command]
    const line = lineOf(connection)
    if (line.isOpen) return gate.addCommand.call(connection, command)
    const kind = command.constructor.name
    if (resets.has(kind)) gate.level.forget(sessions.get(connection))
    const prepareForLater = () => add(connection, undefined, gate)
    if (line.prepare && kind !== 'Execute') prepareForLater()
    if (kind === 'Prepare' && currentActor.getStore()) {
      line.prepare = command
      queueMicrotask(() => {
        if (line.prepare === command) prepareForLater()
      })
    } else add(connection, command, gate)
    return command
  }
}

/** Adds a command, and what was to be prepared before it: at once, or when it is its turn. */
function add(connection: Connection, command: Command | undefined, { addCommand, level }: Gate): void {
  const line = lineOf(connection)
  const { prepare } = line
  line.prepare = undefined
  const held = command && isStatement(command) ? level.hold(outgoing(connection, command)) : undefined
  const send = () => {
    for (const each of [prepare, command]) {
      // Of a connection that was closed meanwhile, it is another method, which refuses.
      if (each && connection._closing) connection.addCommand(each)
      else if (each) addCommand.call(connection, each)
    }
  }
  if (command && held) {
    const refuse = lookOn(command, prepare, held.answered)
    const sent = held.turn.then(send).catch(refuse)
    line.held.add(sent)
    void sent.then(() => line.held.delete(sent))
  } else if (line.held.size > 0) void Promise.all(line.held).then(send)
  else send()
}

const isStatement = (command: Command) => ['Query', 'Execute'].includes(command.constructor.name)

/** After these a connection is as it was opened. */
const resets: ReadonlySet<string> = new Set(['ResetConnection', 'ChangeUser'])

const sessions = new WeakMap<object, AskableSession>()

function outgoing(connection: Connection, { sql, statement, values }: Command) {
  const session: AskableSession = sessions.get(connection) ?? {
    id: () => connection.threadId ?? undefined,
    cut: () => cutConnection(connection, connection.stream),
    ask: (text) => ask(connection, text),
  }
  sessions.set(connection, session)
  return { session, text: sql ?? statement?.query ?? '', values: Array.isArray(values) ? values : [] }
}

function ask(connection: Connection, text: string): Promise<readonly object[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly object[]>()
  const line = lineOf(connection)
  line.isOpen = true
  connection.query(text, (error, rows) => {
    if (error) reject(error)
    else resolve(rows)
  })
  line.isOpen = false
  return promise
}

/**
 * Looks on as a command is done, and has the application hear of it in its own context: the driver calls back in that of whoever
 * has opened the connection.
 *
 * @returns what ends it with an error instead
 */
function lookOn(command: Command, prepare: Command | undefined, tell: Answered): (error: unknown) => void {
  let isAnswered = false
  const answered: Answered = (answer) => {
    if (isAnswered) return undefined
    isAnswered = true
    return tell(answer)
  }
  const { onResult } = command
  const emit = AsyncResource.bind(command.emit.bind(command))
  const refused = onResult && AsyncResource.bind(onResult)
  if (onResult)
    command.onResult = calledBack(onResult, (error, result) => answered(error ? { error } : answerOf(result)))
  else command.emit = emitted(emit, answered)
  // When it cannot be prepared, the application is told so, and the command is not done.
  if (prepare?.onResult)
    prepare.onResult = calledBack(prepare.onResult, (error) => (error ? answered({ error }) : undefined))
  return (error) => {
    isAnswered = true
    if (refused) refused(error)
    else emit('error', error)
    emit('end')
  }
}

/** Answers the error that the application is to see instead. */
type Answered = (answer: Answer) => Promise<Error> | undefined

function calledBack(
  onResult: (...given: unknown[]) => unknown,
  answered: (error: unknown, result: unknown) => Promise<Error> | undefined,
): (...given: unknown[]) => void {
  const bound = AsyncResource.bind(onResult)
  return (error, result, ...rest) => {
    const instead = answered(error, result)
    if (instead) void tell(bound, instead)
    else bound(error, result, ...rest)
  }
}

function emitted(emit: Command['emit'], answered: Answered): Command['emit'] {
  let failed: Promise<unknown> | undefined
  const answerTo = (event: string | symbol, first: unknown): Answer | undefined => {
    if (event === 'error') return { error: first }
    // After the first row there may be more when the application has read it.
    if (event === 'result') return answerOf(Array.isArray(first) ? first : [first])
    return event === 'end' ? {} : undefined
  }
  return (event, ...rest: unknown[]) => {
    const answer = answerTo(event, rest[0])
    const instead = answer && answered(answer)
    failed ??= instead?.then((error) => emit('error', error))
    if (!failed) return emit(event, ...rest)
    if (event === 'end') void failed.then(() => emit('end'))
    return true
  }
}

/** Rows; or of a statement that answers none, how many it has changed. */
function answerOf(result: unknown): Answer {
  if (Array.isArray(result)) return { rows: result }
  const isChange = typeof result === 'object' && result !== null && 'affectedRows' in result
  return { count: isChange ? Number(result.affectedRows) : undefined }
}

/** Tells when an actor waits for a connection that others have, and calls back in the context of who asked. */
function seenGetConnection(getConnection: Method): Method {
  return function (given) {
    const actor = currentActor.getStore()
    if (!actor) return getConnection.call(this, given)
    const has = isFull(this) ? actor.waitFor('a connection of the pool') : () => {}
    // The gate stands in the class of pools, whose method takes a callback.
    const bound = AsyncResource.bind(given as (...given: unknown[]) => unknown)
    return getConnection.call(this, (...answer: unknown[]) => {
      has()
      return bound(...answer)
    })
  }
}

/** As in mysql2's lib/base/pool.js: nobody is free, and no more may be opened; a limit of 0 is none. */
function isFull(pool: object): boolean {
  const { _freeConnections, _allConnections, config } = pool as {
    readonly _freeConnections: { readonly length: number }
    readonly _allConnections: { readonly length: number }
    readonly config: { readonly connectionLimit: number }
  }
  const { connectionLimit } = config
  return _freeConnections.length === 0 && connectionLimit > 0 && _allConnections.length >= connectionLimit
}
