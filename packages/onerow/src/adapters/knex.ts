import type { Database, IsolationLevel, Statement, StoredRow } from '../database.ts'
import type { Dialect } from '../dialect.ts'
import { sqlite } from '../dialects/sqlite.ts'
import { table } from '../table.ts'
import type { ColumnOptions, Table } from '../table.ts'
import { coalescing } from './coalescing.ts'
import type { CoalesceOption } from './coalescing.ts'
import { engineOf } from './knex-engine.ts'
import type { Engine, KnexClientLike, KnexQuery } from './knex-engine.ts'
import { openTransaction, runWork } from './session.ts'

/** The part of a `Knex` instance or transaction that onerow calls; declared here so that onerow does not depend on `knex`. */
export interface KnexLike {
  /** Knex types it as `any`. */
  readonly client: KnexClientLike
  /** Only a transaction has this and the next. */
  readonly isTransaction?: boolean
  readonly isCompleted?: () => boolean
  transaction<Result>(
    work: (transaction: KnexLike) => Promise<Result>,
    config?: { readonly isolationLevel?: IsolationLevel; readonly connection?: object },
  ): Promise<Result>
}

/** How onerow runs statements on Knex. */
export interface KnexOptions {
  /**
   * Which server `mysql2` or `mariadb` is connected to. Unless told, `'mysql'` for the client `mysql2`, which serves MariaDB
   * too, and `'mariadb'` for the client `mariadb`. `'mariadb'` saves a round trip when a row is made, as only MariaDB has
   * `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/** `Knex.Transaction`, or what the application has extended it to. */
type TransactionOf<Instance> = Instance extends { transactionProvider(): () => Promise<infer Transaction> }
  ? Transaction
  : KnexLike

/**
 * Runs onerow on a Knex instance or transaction, of the client `pg`, `better-sqlite3`, `mysql2` or `mariadb`.
 *
 * @throws `TypeError` for another client
 * @example
 * ```ts
 * import { getOrCreate, uniqueKey } from 'onerow'
 * import { fromKnex, knexTable } from 'onerow/knex'
 * import createKnex from 'knex'
 *
 * interface Race { id: number; user_id: string; name: string }
 *
 * const knex = createKnex({ client: 'pg', connection: 'postgres://localhost/app' })
 * const races = knexTable<Race, Omit<Race, 'id'>>(knex, 'race', { columns: { id: true, user_id: true, name: true } })
 * const byUser = uniqueKey(races, ['user_id'], { name: 'race_user_id' })
 *
 * await knex.transaction(async (trx) => {
 *   const { row } = await getOrCreate(fromKnex(trx), byUser, { where: { user_id: 'a' }, create: { name: 'foo' } })
 *   await trx('audit').insert({ race_id: row.id })
 * })
 * ```
 */
export function fromKnex<Instance extends KnexLike>(
  knex: Instance,
  options?: KnexOptions,
): Database<TransactionOf<Instance>>
export function fromKnex(knex: KnexLike, options: KnexOptions = {}): Database<KnexLike> {
  const session = sessionOf(knex, options)
  // A transaction does not lead back to its instance, but to the settings of that.
  const pool = knex.client.config
  if (knex.isTransaction === true) return { ...openTransaction(session), pool }
  return {
    ...session,
    pool,
    coalesce: coalescing(options.coalesce),
    inTransaction: () => false,
    begin: (work, { isolation } = {}) =>
      begin(knex, session.dialect, isolation, (transaction) =>
        runWork(sessionOf(transaction, options), (tx) => work({ ...tx, pool })),
      ),
  }
}

function sessionOf(knex: KnexLike, options: KnexOptions) {
  const engine = engineOf(knex.client, options.server)
  const client = verbatim(knex, engine)
  return {
    client: knex,
    dialect: engine.dialect,
    execute: async ({ text, values }: Statement): Promise<readonly StoredRow[]> => {
      const query = client.raw(text)
      const compiled = { ...query.toSQL(), bindings: [...values] }
      query.toSQL = () => compiled
      // Each engine's `rows` takes what its driver answers.
      return engine.rows((await query) as never)
    },
  }
}

/**
 * The same client, but one that sends text and values as they are. Knex itself would take a `?` in a literal for a placeholder,
 * and would have `postProcessResponse` rename what onerow reads. Pool, events, `debug` and stack traces stay Knex's own.
 */
function verbatim(knex: KnexLike, engine: Engine): KnexClientLike {
  const { client } = knex
  // That of the class; the one that a transaction's client has of its own runs past what is overridden here.
  const { query }: KnexClientLike = Object.getPrototypeOf(client)
  return Object.assign(Object.create(client), {
    // An error's message begins with the SQL. With the values in it, a value could pass for what the database says.
    config: { ...client.config, compileSqlOnError: false },
    positionBindings: (text: string) => text,
    postProcessResponse: (response: unknown) => response,
    query(this: KnexClientLike, connection: object, statement: KnexQuery): Promise<KnexQuery> {
      // A transaction's own refuses statements after the end.
      return knex.isCompleted?.() === true
        ? client.query(connection, statement)
        : query.call(this, connection, statement)
    },
    ...engine.overrides?.(client),
  })
}

async function begin<Result>(
  knex: KnexLike,
  dialect: Dialect,
  isolation: IsolationLevel | undefined,
  work: (transaction: KnexLike) => Promise<Result>,
): Promise<Result> {
  let failed: { readonly error: unknown } | undefined
  const run = async (transaction: KnexLike): Promise<Result> => {
    // Knex comes here even when BEGIN has failed, and then rejects with that error.
    if (transaction.isCompleted?.() === true) throw new TypeError('The transaction could not be begun.')
    try {
      return await work(transaction)
    } catch (error) {
      failed = { error }
      throw error
    }
  }
  try {
    const result = await (dialect === sqlite
      ? transactionOnSqlite(knex, isolation, run)
      : knex.transaction(run, isolation === undefined ? {} : { isolationLevel: isolation }))
    if (!failed) return result
  } catch (error) {
    // Where the ROLLBACK fails too, Knex rejects with that error, which tells less.
    failed ??= { error }
  }
  throw failed.error
}

/** What `knex.transaction(work)` gives besides a promise; it begins in a later turn of the event loop. */
interface KnexTransactionInternals {
  begin: (connection: object) => Promise<unknown>
  query(connection: object, text: string): Promise<unknown>
}

/**
 * Knex (3.3) says BEGIN to SQLite, and has no option for BEGIN IMMEDIATE. Nor does it roll back when COMMIT fails, as for a
 * deferred foreign key: SQLite's transaction stays open then, and whoever gets the connection next would write into it.
 */
async function transactionOnSqlite<Result>(
  knex: KnexLike,
  isolation: IsolationLevel | undefined,
  run: (transaction: KnexLike) => Promise<Result>,
): Promise<Result> {
  const { client } = knex
  const connection = await client.acquireConnection()
  let isCommitting = false
  try {
    const transaction = knex.transaction(
      async (trx) => {
        const result = await run(trx)
        isCommitting = true
        return result
      },
      { connection },
    )
    // The types show only the promise.
    const internals = transaction as unknown as KnexTransactionInternals
    internals.begin = async () => {
      for (const { text } of sqlite.begin(isolation)) await internals.query(connection, text)
    }
    return await transaction
  } catch (error) {
    if (isCommitting) await client.query(connection, { sql: 'rollback', bindings: [] }).catch(() => undefined)
    throw error
  } finally {
    // Knex marks a connection that it has not acquired itself, and leaves the mark.
    Reflect.deleteProperty(connection, '__knexTxId')
    await client.releaseConnection(connection)
  }
}

/** What a table of Knex is besides its name. */
export interface KnexTableOptions<Row extends object> {
  /**
   * Every property of `Row`, each `true`, or with a codec where the driver's value is not what the application wants. The
   * column's name is what the instance's `wrapIdentifier` makes of the property, as in every query of Knex.
   */
  readonly columns: { readonly [P in keyof Row]-?: true | Omit<ColumnOptions<Row[P]>, 'name'> }
  /** The properties of the primary key; `updateOrCreate` refuses to change them. */
  readonly primaryKey?: readonly (keyof Row & string)[]
}

/**
 * Declares a table as this Knex instance sees it: names go through its `wrapIdentifier`, rows through its
 * `postProcessResponse`.
 *
 * @param name as `knex(name)` takes it, with the schema before a dot if need be
 * @returns the table, to declare keys on with `uniqueKey`
 * @throws `TypeError` as `table()` does
 * @example
 * ```ts
 * import { knexTable } from 'onerow/knex'
 * import createKnex from 'knex'
 *
 * interface Race { id: number; userId: string; name: string }
 *
 * const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
 * const knex = createKnex({
 *   client: 'pg',
 *   wrapIdentifier: (name, quote) => quote(snakeCase(name)),
 * })
 * const races = knexTable<Race, Omit<Race, 'id'>>(knex, 'race', {
 *   columns: { id: true, userId: true, name: true },   // the columns id, user_id, name
 * })
 * ```
 */
export function knexTable<Row extends object, Insert extends object = Row>(
  { client }: KnexLike,
  name: string,
  { columns, ...options }: KnexTableOptions<Row>,
): Table<Row, Insert> {
  // `wrapIdentifier` quotes, too, by the function that it is given.
  const inDatabase = (word: string): string => client.customWrapIdentifier(word, (unquoted) => unquoted)
  const [tableName = '', schema, ...more] = name.split('.').map(inDatabase).toReversed()
  if (more.length > 0)
    throw new TypeError(
      `The table "${name}" has more before it than a schema: knexTable takes 'schema.table'.`,
    )
  const named = Object.entries<true | Partial<ColumnOptions<unknown>>>(columns).map(([property, codec]) => {
    const { encode, decode, default: makeDefault, onUpdate } = codec === true ? {} : codec
    const column = {
      name: inDatabase(property),
      // A codec may be an instance of a class.
      encode: encode?.bind(codec),
      decode: decode?.bind(codec),
      default: makeDefault?.bind(codec),
      onUpdate: onUpdate?.bind(codec),
    }
    return [property, column] as const
  })
  return table<Row, Insert>(tableName, {
    ...options,
    ...(schema !== undefined && { schema }),
    // The properties of `columns`, each with its column.
    columns: Object.fromEntries(named) as never,
    toRow(values) {
      if (!client.config.postProcessResponse) return values
      const row = Object.entries(values).map(([property, value]) => [inDatabase(property), value] as const)
      return client.postProcessResponse([Object.fromEntries(row)])[0] ?? values
    },
  })
}
