import { AsyncResource } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { currentActor, tell, whenItIsItsTurn } from '../actor.ts'
import type { Answer, Held } from '../actor.ts'
import { levelsOnPostgres } from '../servers/levels.ts'
import { watchPostgres } from '../servers/postgres.ts'
import type { Sessions } from '../sessions.ts'
import { cutConnection } from './cut-connection.ts'
import { GivenLevel } from './given-level.ts'
import type { AskableSession } from './given-level.ts'
import { replaceMethod } from './replace-method.ts'
import type { Method } from './replace-method.ts'

/** The part of the module `pg` that the gates stand in; declared here so that this package does not depend on it. */
export interface PgModule {
  readonly Client: new (options: { connectionString: string }) => PgClient
  readonly Pool: { readonly prototype: object }
}

interface PgClient {
  connect(): Promise<unknown>
  query(text: string, values: unknown[]): Promise<PgResult>
  end(): Promise<void>
}

interface PgResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly rowCount?: number | null
}

/** What a client has besides, which its types do not tell. */
interface Connected extends EventEmitter {
  readonly processID?: number | null
  readonly connection?: { readonly stream: Duplex }
  query(text: string): Promise<PgResult>
}

/** A `pg.Query`, a `pg-cursor` or a `pg-query-stream`. */
interface Submittable {
  readonly text?: string
  readonly values?: readonly unknown[] | null
  /** Called with what the query answers, where it has one. */
  callback?: Callback
  submit(connection: unknown): unknown
  handleDataRow(...given: unknown[]): unknown
  handleReadyForQuery(...given: unknown[]): unknown
  handlePortalSuspended?(...given: unknown[]): unknown
  handleError(...given: unknown[]): unknown
}

type Callback = (error: unknown, result?: PgResult) => void

/**
 * Gates in `pg`, and in all that runs on it: Prisma, Drizzle, Kysely, TypeORM, Sequelize, MikroORM, Knex.
 *
 * @param pg the module, as the application imports it
 * @param options where to watch the locks, by a connection of its own
 */
export function pgSessions(
  pg: PgModule,
  { connectionString }: { readonly connectionString: string },
): Sessions {
  return {
    async open({ isolation } = {}) {
      await using stack = new AsyncDisposableStack()
      const watch = new pg.Client({ connectionString })
      await watch.connect()
      stack.defer(() => watch.end())
      const server = await watchPostgres(
        'pg',
        async (text, values) => (await watch.query(text, [...values])).rows,
      )
      const level = stack.use(new GivenLevel(isolation, levelsOnPostgres))
      stack.use(replaceMethod(pg.Client.prototype, 'query', (query) => gatedQuery(query, level)))
      stack.use(replaceMethod(pg.Pool.prototype, 'connect', seenConnect))
      const opened = stack.move()
      return {
        ...server,
        isolation: isolation ?? server.isolation,
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      }
    },
  }
}

function gatedQuery(query: Method, level: GivenLevel): Method {
  return function (config, values, callback) {
    const held = level.hold({ session: sessionOf(this), ...statementOf(config, values) })
    if (!held) return query.call(this, config, values, callback)
    if (isSubmittable(config)) {
      void submit(held, config, () => query.call(this, config, values, callback))
      return config
    }
    const done = [callback, values, calledBack(config)].find((each) => typeof each === 'function')
    const given = typeof values === 'function' ? undefined : values
    if (done) {
      // It is always called with these; what is given has no other type.
      const bound = AsyncResource.bind(done as Callback)
      const ask = (answered: Callback) => query.call(this, withoutCallback(config), given, answered)
      void call(held, ask, bound)
      return undefined
    }
    // Without a callback, it answers a promise.
    return whenItIsItsTurn(held, async () => (await query.call(this, config, given)) as PgResult, answerOf)
  }
}

async function call(held: Held, ask: (callback: Callback) => void, done: Callback): Promise<void> {
  try {
    await held.turn
  } catch (error) {
    done(error)
    return
  }
  ask((error, result) => {
    const instead = held.answered(error ? { error } : answerOf(result))
    if (instead) void tell(done, instead)
    else done(error, result)
  })
}

/** Sends what takes its answer by methods of its own, and looks on as it does. */
async function submit(held: Held, query: Submittable, send: () => void): Promise<void> {
  if (query.callback) {
    const ask = (callback: Callback) => {
      query.callback = callback
      send()
    }
    return call(held, ask, AsyncResource.bind(query.callback))
  }
  const refuse = query.handleError.bind(query)
  let isAnswered = false
  const answered = (answer: Answer) => {
    // Of a connection that was cut, the query itself hears.
    if (!isAnswered) void held.answered(answer)
    isAnswered = true
  }
  lookOn(query, 'handleDataRow', () => {})
  lookOn(query, 'handleReadyForQuery', () => answered({}))
  // Some rows are there, and more when they are asked for.
  lookOn(query, 'handlePortalSuspended', () => answered({}))
  lookOn(query, 'handleError', (error) => answered({ error }))
  try {
    await held.turn
    send()
  } catch (error) {
    refuse(error)
  }
}

/** Has a method tell of its calls, and do its work in the context of who asked. */
function lookOn(
  query: Submittable,
  name: Extract<keyof Submittable, `handle${string}`>,
  tell: (given: unknown) => void,
): void {
  const method = query[name]?.bind(query)
  if (!method) return
  query[name] = AsyncResource.bind((...given: unknown[]) => {
    tell(given[0])
    return method(...given)
  })
}

/** Tells when an actor waits for a connection that others have, and calls back in the context of who asked. */
function seenConnect(connect: Method): Method {
  return function (callback) {
    const actor = currentActor.getStore()
    if (!actor) return connect.call(this, callback)
    const has = isFull(this) ? actor.waitFor('a connection of the pool') : () => {}
    if (typeof callback !== 'function') {
      // Without a callback, it answers a promise.
      const connected = connect.call(this) as Promise<unknown>
      connected.then(has, has)
      return connected
    }
    // A pool calls back in the context of whoever has given the connection back.
    const bound = AsyncResource.bind(callback as Callback)
    return connect.call(this, (...given: Parameters<Callback>) => {
      has()
      bound(...given)
    })
  }
}

/** As in pg-pool: nobody is idle, and no more may be opened. */
function isFull(pool: object): boolean {
  const { idleCount, totalCount, options } = pool as {
    readonly idleCount: number
    readonly totalCount: number
    readonly options: { readonly max: number }
  }
  return idleCount === 0 && totalCount >= options.max
}

const sessions = new WeakMap<object, AskableSession>()

function sessionOf(gated: object): AskableSession {
  const known = sessions.get(gated)
  if (known) return known
  // The gate stands in the class of clients.
  const client = gated as Connected
  const session: AskableSession = {
    id: () => client.processID ?? undefined,
    cut: () => client.connection && cutConnection(client, client.connection.stream),
    ask: async (text) => (await client.query(text)).rows,
  }
  sessions.set(client, session)
  return session
}

function statementOf(
  config: unknown,
  values: unknown,
): { readonly text: string; readonly values: readonly unknown[] } {
  const given = Array.isArray(values) ? values : []
  if (typeof config === 'string') return { text: config, values: given }
  const {
    text,
    values: own,
    cursor,
  } = (config ?? {}) as Partial<Submittable> & {
    readonly cursor?: Partial<Submittable>
  }
  // A stream has its statement in a cursor.
  return { text: text ?? cursor?.text ?? '', values: own ?? cursor?.values ?? given }
}

function isSubmittable(config: unknown): config is Submittable {
  return (
    typeof config === 'object' && config !== null && 'submit' in config && typeof config.submit === 'function'
  )
}

const calledBack = (config: unknown): unknown =>
  typeof config === 'object' && config !== null && 'callback' in config ? config.callback : undefined

const withoutCallback = (config: unknown): unknown =>
  typeof config === 'object' && config !== null ? { ...config, callback: undefined } : config

/** Of several statements in one text there are several results, the last of which counts. */
function answerOf(result: PgResult | readonly PgResult[] | undefined): Answer {
  const last = Array.isArray(result) ? result.at(-1) : (result as PgResult | undefined)
  return { rows: last?.rows, count: last?.rowCount ?? undefined }
}
