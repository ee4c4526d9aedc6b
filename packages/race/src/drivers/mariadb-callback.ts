import { AsyncResource } from 'node:async_hooks'
import { currentActor, tell } from '../actor.ts'
import type { Answer, Held } from '../actor.ts'
import type { AskableSession, GivenLevel } from './given-level.ts'
import { answerOf, isFull, statementOf } from './mariadb-statement.ts'
import type { Statement } from './mariadb-statement.ts'
import type { Method } from './replace-method.ts'

type Callback = (error: unknown, ...result: unknown[]) => unknown

/** What a gate needs of the connections. */
interface Gate {
  readonly level: GivenLevel
  readonly sessionOf: (connection: object) => AskableSession
}

/** Gates in the methods of connections that call back and answer nothing. */
export const onCallbackConnections = (gate: Gate): Readonly<Record<string, (method: Method) => Method>> => ({
  ...Object.fromEntries(['prepare', 'ping', 'reset', 'changeUser'].map((name) => [name, inOwnContext])),
  execute: gated(gate, statementOf),
  batch: gated(gate, statementOf),
  commit: gated(gate, () => ({ text: 'COMMIT', values: [] })),
  rollback: gated(gate, () => ({ text: 'ROLLBACK', values: [] })),
})

/** What is no statement goes at once. The driver calls back in the context of whoever has opened the connection. */
function inOwnContext(method: Method): Method {
  return function (...given) {
    if (!currentActor.getStore()) return method.apply(this, given)
    const [ask, done] = withCallback(given, (all) => method.apply(this, all))
    return ask(done)
  }
}

function gated(
  { level, sessionOf }: Gate,
  statement: (given: readonly unknown[]) => Statement,
): (method: Method) => Method {
  return (method) =>
    function (...given) {
      const held = level.hold({ session: sessionOf(this), ...statement(given) })
      if (!held) return method.apply(this, given)
      return void call(held, ...withCallback(given, (all) => method.apply(this, all)))
    }
}

/** The callback is what is given last; without one, nobody hears of errors. */
export function withCallback(
  given: readonly unknown[],
  method: (given: unknown[]) => unknown,
): readonly [ask: (callback: Callback) => unknown, done: Callback] {
  const last = given.findLastIndex((each) => typeof each === 'function')
  const at = last < 0 ? given.length : last
  // It is always called with these.
  const done = last < 0 ? () => {} : AsyncResource.bind(given[last] as Callback)
  return [(callback) => method([...given.slice(0, at), callback, ...given.slice(at + 1)]), done]
}

/** Asks when it is its turn. */
export async function call(held: Held, ask: (callback: Callback) => unknown, done: Callback): Promise<void> {
  try {
    await held.turn
  } catch (error) {
    done(error)
    return
  }
  ask(seen(held, done))
}

function seen(held: Held, done: Callback): Callback {
  return (error, ...result) => {
    const instead = held.answered(error ? { error } : answerOf(result[0]))
    if (instead) void tell(done, instead)
    else done(error, ...result)
  }
}

/** `query` and `queryStream` of connections go by a function of their class. */
export const onCallbackQueries = (gate: Gate): Readonly<Record<string, (method: Method) => Method>> => ({
  _QUERY_CMD: (queryCommand) => gatedQueryCommand(queryCommand, gate),
})

/** What is in a connection, as far as a query uses it. */
interface Inner {
  readonly opts: unknown
  readonly socket: unknown
  addCommand(command: object, expectsAnswer: boolean): unknown
}

/** A query that answers by events, or as a stream. */
interface Command {
  emit(event: string, ...given: unknown[]): boolean
  stream(options?: unknown): unknown
  handleNewRows(row: unknown): unknown
}

/** A query is answered at once, as there may be listeners to come, and sent when it is its turn. */
function gatedQueryCommand(queryCommand: Method, { level, sessionOf }: Gate): Method {
  return function (given, parameters) {
    // As in mariadb's lib/connection-callback.js.
    const [inner, { sql, values, callback }] = [
      given as Inner,
      parameters as { sql: string; values: unknown; callback?: Callback },
    ]
    const held = level.hold({ session: sessionOf(inner), ...statementOf([sql, values]) })
    if (!held) return queryCommand.call(this, given, parameters)
    const done = callback && AsyncResource.bind(callback)
    let send = () => {}
    const later = {
      opts: inner.opts,
      get socket() {
        return inner.socket
      },
      addCommand(each: object, expectsAnswer: boolean) {
        send = () => inner.addCommand(each, expectsAnswer)
      },
    }
    const told = { ...(parameters as object), callback: done && seen(held, done) }
    const command = queryCommand.call(this, later, told) as Command
    const end = done ?? lookOn(command, held)
    held.turn.then(send).catch(end)
    return command
  }
}

/** Looks on as a query is answered. @returns what ends it with an error instead */
function lookOn(command: Command, held: Held): (error: unknown) => void {
  let isAnswered = false
  const answered = (answer: Answer) => {
    const instead = isAnswered ? undefined : held.answered(answer)
    isAnswered = true
    return instead
  }
  const emit = AsyncResource.bind(command.emit.bind(command))
  command.emit = (event, ...given) => {
    const [error] = given
    const instead = event === 'end' ? answered(error ? { error } : {}) : undefined
    if (!instead) return emit(event, ...given)
    void tell((lost) => emit('end', lost), instead)
    return true
  }
  const stream = command.stream.bind(command)
  command.stream = (options) => {
    const rows = stream(options)
    const push = command.handleNewRows.bind(command)
    command.handleNewRows = (row) => {
      // After the first row there may be more when the application has read it.
      void answered({ rows: [row] })
      push(row)
    }
    return rows
  }
  return (error) => {
    isAnswered = true
    emit('end', error)
  }
}

/** Tells when an actor waits for a connection that others have, and calls back in the context of who asked. */
function seenCallbackConnection(getConnection: Method): Method {
  return function (given) {
    const actor = currentActor.getStore()
    if (!actor || typeof given !== 'function') return getConnection.call(this, given)
    const has = isFull(this) ? actor.waitFor('a connection of the pool') : () => {}
    const done = AsyncResource.bind(given as Callback)
    return getConnection.call(this, (...answer: Parameters<Callback>) => {
      has()
      done(...answer)
    })
  }
}

type OneOfAPool = Readonly<Record<string, (...given: unknown[]) => unknown>>

/** A pool runs a statement by what is inside of its connections, where no gate can stand; so do it as the manual explains it. */
function onCallbackConnectionOfItsOwn(name: string): (method: Method) => Method {
  return (method) =>
    function (...given) {
      if (!currentActor.getStore()) return method.apply(this, given)
      // The gate stands in the class of pools, and connections have methods of the same names.
      const pool = this as {
        getConnection(callback: (error: unknown, connection: OneOfAPool) => unknown): void
      }
      return pool.getConnection((error, connection) => {
        const [ask, done] = withCallback(given, (all) => connection[name]?.(...all))
        if (error) done(error)
        else
          ask((...answer) => {
            connection['release']?.()
            done(...answer)
          })
      })
    }
}

export const onCallbackPools: Readonly<Record<string, (method: Method) => Method>> = {
  getConnection: seenCallbackConnection,
  query: onCallbackConnectionOfItsOwn('query'),
  execute: onCallbackConnectionOfItsOwn('execute'),
  batch: onCallbackConnectionOfItsOwn('batch'),
}
