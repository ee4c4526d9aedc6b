import { createUnique } from '../create-unique.ts'
import type { Database, IsolationLevel, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { mariadb, mysql } from '../dialects/mysql.ts'
import { postgres } from '../dialects/postgres.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { getOrCreate } from '../get-or-create.ts'
import type { GetOrCreateResult, GetOrCreateValues } from '../get-or-create.ts'
import type { Key, RowOf, UpdateOf } from '../key.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type {
  UpdateOrCreateByFunction,
  UpdateOrCreateResult,
  UpdateOrCreateValues,
} from '../update-or-create.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { withNamelessPlaceholders, withoutEscapes } from './kysely-statement.ts'
import { runWork } from './session.ts'

export { mikroOrmTable } from './mikro-orm-table.ts'
export type { MikroOrmRepositoryLike } from './mikro-orm-table.ts'

/** What runs a query of Kysely's, on which MikroORM stands: its client, or its transaction. */
export interface MikroOrmExecutorLike {
  executeQuery(query: object, options?: object): Promise<object>
}

interface PlatformLike {
  getDefaultClientUrl(): string
  convertsJsonAutomatically(): boolean
  getTimezone(): string | undefined
}

/** The part of MikroORM's `EntityManager` that onerow calls; declared here so that onerow does not depend on MikroORM. */
export interface MikroOrmLike {
  getPlatform(): PlatformLike
  getConnection(type: 'write'): { getClient(): MikroOrmExecutorLike }
  getDriver(): {
    execute(
      query: string,
      params: never[],
      method: 'all' | 'run',
      transaction: MikroOrmExecutorLike,
      loggerContext: object,
    ): Promise<unknown>
  }
  getContext(validate: false): object
  getLoggerContext(): object
  readonly schema: string | undefined
  getTransactionContext(): object | undefined
  isInTransaction(): boolean
  withSessionContext<Result>(
    transaction: object | undefined,
    work: (transaction?: MikroOrmExecutorLike) => Promise<Result>,
  ): Promise<Result>
  transactional<Result>(
    work: (em: this) => Promise<Result>,
    options: { readonly isolationLevel?: IsolationLevel; readonly clear: true },
  ): Promise<Result>
}

/** How to run statements by MikroORM. */
export interface MikroOrmOptions {
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on MikroORM's `EntityManager`, in its transaction when it has one open. Statements go to the writer, never to
 * a replica, and through MikroORM's logger.
 *
 * @throws `TypeError` when the driver is not one for PostgreSQL, MariaDB, MySQL or SQLite
 * @example
 * ```ts
 * import type { EntityManager } from '@mikro-orm/postgresql'
 * import { getOrCreate } from 'onerow'
 * import type { Key } from 'onerow'
 * import { fromMikroOrm } from 'onerow/mikro-orm'
 *
 * type Account = { id: number; email: string; name: string }
 *
 * export async function signIn(em: EntityManager, byEmail: Key<Account, Omit<Account, 'id'>, 'email'>) {
 *   const where = { email: 'ada@example.com' }
 *   const { row } = await getOrCreate(fromMikroOrm(em), byEmail, { where, create: { name: 'Ada' } })
 *   return row
 * }
 * ```
 */
export function fromMikroOrm<Em extends MikroOrmLike>(
  em: Em,
  { coalesce }: MikroOrmOptions = {},
): Database<Em> {
  const engine = engineOf(em)
  const { dialect } = engine
  const pool = em.getDriver()
  const together = coalescing(coalesce)
  return {
    client: em,
    dialect,
    pool,
    // On an entity manager that stands for itself: one that stands for that of each request would mix their session contexts.
    get coalesce() {
      return em.getContext(false) === em && together
    },
    execute: (statement) => run(em, engine, statement),
    inTransaction: () => em.isInTransaction(),
    begin: (work, { isolation } = {}) =>
      em.transactional(
        async (fork) => {
          if (!fork.isInTransaction())
            throw new TypeError('MikroORM is told to disableTransactions, and this call needs one.')
          const execute = (statement: Statement) => run(fork, engine, statement)
          await engine.lock?.(execute)
          return runWork({ client: fork, dialect, execute }, (tx) => work({ ...tx, pool }))
        },
        // Its own identity map: what the caller has not flushed yet is not flushed by this.
        { ...(isolation && { isolationLevel: isolation }), clear: true },
      ),
  }
}

async function run(em: MikroOrmLike, engine: Engine, statement: Statement): Promise<readonly StoredRow[]> {
  const { text, values, counts = false } = engine.forKysely(statement, em.getPlatform())
  // Resolves the context as MikroORM's own calls do, and refuses the global one before there is any SQL.
  const loggerContext = em.getLoggerContext()
  if (em.schema !== undefined)
    throw new TypeError(
      `This entity manager is for the schema "${em.schema}", and onerow writes that of the table: make the table of its ` +
        'repository, and run on an entity manager without one.',
    )
  const send = (client: () => MikroOrmExecutorLike): Promise<unknown> =>
    // MikroORM would write values into the text. So it gets none, and an executor that hands them to Kysely.
    em.getDriver().execute(
      text,
      [],
      counts ? 'run' : 'all',
      {
        executeQuery: (query, options) => client().executeQuery({ ...query, parameters: values }, options),
      },
      loggerContext,
    )
  const answer = await em.withSessionContext(em.getTransactionContext(), (transaction) =>
    // Outside of a transaction the client is there once MikroORM has connected.
    send(() => transaction ?? em.getConnection('write').getClient()),
  )
  // 'all' answers the driver's rows, 'run' an object with `affectedRows`.
  return (counts ? [answer] : answer) as readonly StoredRow[]
}

type Execute = (statement: Statement) => Promise<unknown>

interface Engine {
  readonly dialect: Dialect
  /** The statement as Kysely's driver for the engine takes it. */
  readonly forKysely: (statement: Statement, platform: PlatformLike) => Statement
  /** Makes a transaction that has begun, and done nothing yet, lock as onerow wants it. */
  readonly lock?: (execute: Execute) => Promise<void>
}

const engines: Readonly<Record<string, Engine>> = {
  postgresql: { dialect: postgres, forKysely: forPostgres },
  mysql: { dialect: mysql, forKysely: withoutEscapes },
  mariadb: { dialect: mariadb, forKysely: withoutEscapes },
  sqlite: { dialect: sqlite, forKysely: forSqlite, lock: lockAtOnce },
}

/** By what the platform says of itself, as the names of classes may be minified. SQLite has no server, and so no URL. */
function engineOf(em: MikroOrmLike): Engine {
  const platform = em.getPlatform()
  const scheme = platform.getDefaultClientUrl().split(':')[0] || 'sqlite'
  // MariaDB's JSON is text that MikroORM must parse; MySQL's is parsed by mysql2.
  const engine = engines[scheme === 'mysql' && !platform.convertsJsonAutomatically() ? 'mariadb' : scheme]
  if (engine) return engine
  throw new TypeError(
    `onerow/mikro-orm knows MikroORM's drivers for PostgreSQL, MariaDB, MySQL and SQLite; this one is for ${scheme}.`,
  )
}

/** pg writes a date in the zone of the process, which a column without a zone keeps; MikroORM reads that as UTC by default. */
function forPostgres(statement: Statement, platform: PlatformLike): Statement {
  if (platform.getTimezone() !== 'Z') return statement
  const values = statement.values.map((value) => (value instanceof Date ? value.toISOString() : value))
  return { ...statement, values }
}

/** SQLite has neither booleans nor dates, and MikroORM stores these as numbers; better-sqlite3 refuses to bind them. */
function forSqlite(statement: Statement): Statement {
  const { values, ...rest } = withNamelessPlaceholders(statement)
  const isNumber = (value: unknown) => typeof value === 'boolean' || value instanceof Date
  return { ...rest, values: values.map((value) => (isNumber(value) ? Number(value) : value)) }
}

/** Kysely begins with a plain BEGIN, after which a transaction that has read can fail for good when it writes. */
async function lockAtOnce(execute: Execute): Promise<void> {
  await execute({ text: 'commit', values: [] })
  try {
    await execute({ text: 'begin immediate', values: [] })
  } catch (error) {
    // So that there is something to roll back: where that fails, Kysely never lets go of the connection.
    await execute({ text: 'begin', values: [] })
    throw error
  }
}

interface OnEntityManager {
  getEntityManager(): MikroOrmLike
}

/** What {@link keyMethods} gives to an object that has an entity manager, as a repository has. */
export interface KeyMethods<K extends Key> {
  /** `getOrCreate` with the key, on the entity manager of the object. */
  getOrCreate(this: OnEntityManager, values: GetOrCreateValues<K>): Promise<GetOrCreateResult<RowOf<K>>>
  /** `updateOrCreate` with the key, likewise. */
  updateOrCreate(
    this: OnEntityManager,
    values: UpdateOrCreateByFunction<K>,
  ): Promise<UpdateOrCreateResult<RowOf<K>>>
  updateOrCreate<const Update extends UpdateOf<K>>(
    this: OnEntityManager,
    values: UpdateOrCreateValues<K, Update>,
  ): Promise<UpdateOrCreateResult<RowOf<K>>>
  /** `createUnique` with the key, likewise. */
  createUnique(this: OnEntityManager, values: GetOrCreateValues<K>): Promise<RowOf<K>>
}

/**
 * The methods of a key, for an object of its own beside the entity manager, or for the prototype of a repository class. Of a
 * transaction's entity manager, they take part in it. Not for a repository itself, which MikroORM gives to everyone who asks
 * the entity manager for it: another key's methods would take the place of these.
 *
 * @returns `getOrCreate`, `updateOrCreate` and `createUnique`
 * @example
 * ```ts
 * import type { EntityManager } from '@mikro-orm/postgresql'
 * import type { Key } from 'onerow'
 * import { keyMethods } from 'onerow/mikro-orm'
 *
 * type Account = { id: number; email: string; name: string }
 * type ByEmail = Key<Account, Omit<Account, 'id'>, 'email'>
 *
 * export async function signIn(em: EntityManager, byEmail: ByEmail) {
 *   const accounts = { getEntityManager: () => em, ...keyMethods(byEmail) }
 *   return accounts.getOrCreate({ where: { email: 'ada@example.com' }, create: { name: 'Ada' } })
 * }
 * ```
 */
export function keyMethods<K extends Key>(key: K): KeyMethods<K> {
  return {
    getOrCreate(values) {
      return getOrCreate(fromMikroOrm(this.getEntityManager()), key, values)
    },
    updateOrCreate(this: OnEntityManager, values: UpdateOrCreateByFunction<K>) {
      return updateOrCreate(fromMikroOrm(this.getEntityManager()), key, values)
    },
    createUnique(values) {
      return createUnique(fromMikroOrm(this.getEntityManager()), key, values)
    },
  }
}
