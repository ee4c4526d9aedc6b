import { createUnique } from '../create-unique.ts'
import type { BeginOptions, Database, Statement } from '../database.ts'
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
import { engineOf, run } from './sequelize-query.ts'
import type { Engine, OpenTransaction, SequelizeQueryable } from './sequelize-query.ts'
import type { SequelizeTable } from './sequelize-table.ts'
import { inTurn, openTransaction, runWork, sessionDatabase } from './session.ts'

export { sequelizeTable } from './sequelize-table.ts'
export type { SequelizeModelLike, SequelizeTable } from './sequelize-table.ts'

/** The part of a Sequelize transaction by which onerow knows it. */
export interface SequelizeTransactionLike {
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** The part of a `Sequelize` that onerow calls; declared here so that onerow does not depend on `sequelize`. */
export interface SequelizeLike extends SequelizeQueryable {
  transaction<Result>(
    options: object,
    // Of Sequelize's own class, which only its types know.
    work: (transaction: never) => Promise<Result>,
  ): Promise<Result>
}

/** What `sequelize.transaction()` gives, which is the last of its forms. */
type TransactionOf<S extends SequelizeLike> =
  Awaited<ReturnType<S['transaction']>> extends infer Transaction extends SequelizeTransactionLike
    ? Transaction
    : SequelizeTransactionLike

/** How to run statements by Sequelize. */
export interface SequelizeOptions {
  /**
   * Which server the dialect `mysql` talks to. `'mysql'` unless told, which serves MariaDB too; `'mariadb'` saves a round trip
   * when a row is made, as only MariaDB has `INSERT … RETURNING`.
   */
  readonly server?: 'mysql' | 'mariadb'
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow by Sequelize 6: on its pool, or in an open transaction, managed or not. On the pool a call joins the transaction
 * of the CLS namespace, if there is one, as Sequelize's own calls do.
 *
 * @param client a `Sequelize` or a `Transaction`
 * @throws `TypeError` for a dialect other than postgres, mariadb, mysql and sqlite
 * @example
 * ```ts
 * import { getOrCreate } from 'onerow'
 * import type { Key } from 'onerow'
 * import { fromSequelize } from 'onerow/sequelize'
 * import { Sequelize } from 'sequelize'
 *
 * declare const byEmail: Key<{ email: string }, { email: string }, 'email', {}, 'distinct'>
 * const sequelize = new Sequelize('postgres://localhost/app')
 *
 * await getOrCreate(fromSequelize(sequelize), byEmail, { where: { email: 'ada@example.com' } })
 * await sequelize.transaction((transaction) =>
 *   getOrCreate(fromSequelize(transaction), byEmail, { where: { email: 'ada@example.com' } }),
 * )
 * ```
 */
export function fromSequelize<S extends SequelizeLike>(
  sequelize: S,
  options?: SequelizeOptions,
): Database<TransactionOf<S>>
export function fromSequelize<Transaction extends SequelizeTransactionLike>(
  transaction: Transaction,
  options?: SequelizeOptions,
): Database<Transaction>
export function fromSequelize(
  client: SequelizeLike | SequelizeTransactionLike,
  { server, coalesce }: SequelizeOptions = {},
): Database<SequelizeTransactionLike> {
  if (!('rollback' in client)) return onPool(client, engineOf(client, server), coalesce)
  // Not in Sequelize's types; lib/transaction.js sets it first of all.
  const { sequelize } = client as unknown as { readonly sequelize: SequelizeQueryable }
  return inTransaction(client, sequelize, engineOf(sequelize, server))
}

function onPool(
  sequelize: SequelizeLike,
  engine: Engine,
  coalesce: CoalesceOption | undefined,
): Database<SequelizeTransactionLike> {
  const { dialect } = engine
  const db: Database<SequelizeTransactionLike> = {
    // For Sequelize a transaction is an option of its calls: what the work of `begin` gets, and what `client` is there.
    client: sequelize as unknown as SequelizeTransactionLike,
    dialect,
    pool: sequelize,
    coalesce: coalescing(coalesce),
    execute: (statement) => run(sequelize, engine, { statement, transaction: transactionOfCls(sequelize) }),
    inTransaction: () => transactionOfCls(sequelize) !== undefined,
    begin: (work, options) => begin({ sequelize, engine, ...options }, work),
  }
  return engine.dialect.name === 'sqlite' ? inTurns(db, sequelize) : db
}

/**
 * SQLite has one writer, and in memory Sequelize has one connection for all. So onerow's transactions wait for each other
 * here, and its other calls for them: on the lock they would wait in the threads of sqlite3, which are four, and when each of
 * them waits, the writer gets none to commit in.
 */
function inTurns(
  db: Database<SequelizeTransactionLike>,
  sequelize: SequelizeLike,
): Database<SequelizeTransactionLike> {
  const queued = sessionDatabase({ ...db, client: sequelize })
  return {
    ...db,
    // In a transaction of the caller's, which may hold the lock, a call waits for nobody.
    execute: (statement) => (transactionOfCls(sequelize) ? db : queued).execute(statement),
    begin: (work, options) => inTurn(sequelize, () => db.begin(work, options)),
  }
}

function inTransaction(
  client: SequelizeTransactionLike,
  sequelize: SequelizeQueryable,
  engine: Engine,
): Database<SequelizeTransactionLike> {
  const execute = (statement: Statement) => run(sequelize, engine, { statement, transaction: opened(client) })
  return { ...openTransaction({ client, dialect: engine.dialect, execute }), pool: sequelize }
}

interface Begin extends BeginOptions {
  readonly sequelize: SequelizeLike
  readonly engine: Engine
}

async function begin<Result>(
  { sequelize, engine, isolation }: Begin,
  work: (transaction: Database<SequelizeTransactionLike>) => Promise<Result>,
): Promise<Result> {
  // For its check: Sequelize writes the level into the SQL as it is.
  engine.dialect.begin(isolation)
  const options = {
    // SQLite: a deferred transaction that has read fails without waiting when another has written meanwhile.
    type: 'IMMEDIATE',
    ...(isolation && { isolationLevel: isolation.toUpperCase() }),
  }
  let begun: SequelizeTransactionLike | undefined
  try {
    return await sequelize.transaction(options, (transaction: SequelizeTransactionLike) => {
      begun = transaction
      const session = inTransaction(transaction, sequelize, engine)
      return runWork(session, (tx) => work({ ...tx, pool: sequelize }))
    })
  } catch (error) {
    if (begun) await engine.letGo?.(opened(begun), error)
    throw error
  }
}

/** What Sequelize's types do not tell of its transactions. */
function opened(transaction: SequelizeTransactionLike): OpenTransaction {
  return transaction as unknown as OpenTransaction
}

/** The transaction of the namespace that `Sequelize.useCLS` was given, looked up as Sequelize's own calls do it. */
function transactionOfCls({ constructor }: object): OpenTransaction | undefined {
  const { _cls: namespace } = constructor as { readonly _cls?: Namespace }
  return namespace?.get('transaction') ?? undefined
}

interface Namespace {
  get(name: 'transaction'): OpenTransaction | null | undefined
}

/** As every call of Sequelize has it: the transaction to take part in. */
export interface InTransaction {
  readonly transaction?: SequelizeTransactionLike | undefined
}

/** The calls of one key. Made by {@link keyMethods}. */
export interface KeyMethods<K extends Key> {
  readonly getOrCreate: (values: GetOrCreateValues<K> & InTransaction) => Promise<GetOrCreateResult<RowOf<K>>>
  readonly createUnique: (values: GetOrCreateValues<K> & InTransaction) => Promise<RowOf<K>>
  readonly updateOrCreate: {
    (values: UpdateOrCreateByFunction<K> & InTransaction): Promise<UpdateOrCreateResult<RowOf<K>>>
    <const Update extends UpdateOf<K>>(
      values: UpdateOrCreateValues<K, Update> & InTransaction,
    ): Promise<UpdateOrCreateResult<RowOf<K>>>
  }
}

/**
 * onerow's calls for one key, in the form of Sequelize's own: with `transaction` beside the values. They use no `this`.
 *
 * @param key of a table from {@link sequelizeTable}
 * @throws `TypeError` when the key is of another table
 * @example
 * ```ts
 * import { uniqueKey } from 'onerow'
 * import { keyMethods, sequelizeTable } from 'onerow/sequelize'
 * import { DataTypes, Sequelize } from 'sequelize'
 *
 * const sequelize = new Sequelize('postgres://localhost/app')
 * const Tag = sequelize.define('tag', { word: DataTypes.STRING })
 * const byWord = uniqueKey(sequelizeTable(Tag), ['word'], { name: 'tag_word' })
 * const tags = keyMethods(byWord)
 *
 * const { row, created } = await tags.getOrCreate({ where: { word: 'new' } })
 * ```
 */
export function keyMethods<K extends Key>(key: K, options?: SequelizeOptions): KeyMethods<K> {
  const sequelize = sequelizeOf(key)
  const on = ({ transaction }: InTransaction) =>
    transaction ? fromSequelize(transaction, options) : fromSequelize(sequelize, options)
  const update = (given: UpdateOrCreateByFunction<K> & InTransaction) =>
    updateOrCreate(on(given), key, valuesOf(given))
  return {
    getOrCreate: (given) => getOrCreate(on(given), key, valuesOf(given)),
    createUnique: (given) => createUnique(on(given), key, valuesOf(given)),
    // Both forms of the call, as of `updateOrCreate` itself: which one it is, it finds out.
    updateOrCreate: update as KeyMethods<K>['updateOrCreate'],
  }
}

/** The values without `transaction`, which is of the call. */
function valuesOf<Values extends InTransaction>(given: Values): Values {
  const values = { ...given }
  Reflect.deleteProperty(values, 'transaction')
  return values
}

function sequelizeOf({ name, table }: Key): SequelizeLike {
  // A key does not tell in its type where its table comes from.
  const { model } = table as Partial<SequelizeTable>
  if (!model) throw new TypeError(`Key "${name}": its table is not one of sequelizeTable.`)
  // A model has the Sequelize that it was initialised with; no table is made without.
  return model.sequelize as SequelizeLike
}
