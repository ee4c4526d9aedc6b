import { createUnique } from '../create-unique.ts'
import type { Database } from '../database.ts'
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
import { sessionDatabase } from './session.ts'
import { typeOrmEngine } from './typeorm-engine.ts'
import type { TypeOrmEngine, TypeOrmRunnerLike } from './typeorm-engine.ts'

export { typeOrmTable } from './typeorm-table.ts'
export type { EntityValues, TypeOrmRepositoryLike } from './typeorm-table.ts'

/** The part of TypeORM's `DataSource` that onerow calls; declared here so that onerow does not depend on TypeORM. */
export interface TypeOrmSourceLike {
  readonly options: { readonly type: string }
  createQueryRunner(): TypeOrmRunnerLike
}

/** The part of TypeORM's `EntityManager` that onerow calls. */
export interface TypeOrmManagerLike {
  readonly dataSource: TypeOrmSourceLike
  readonly queryRunner?: TypeOrmRunnerLike
}

/** How to run statements by TypeORM. */
export interface TypeOrmOptions {
  /** Whether calls that arrive at the same time, outside of transactions, travel together; unless told, up to 256 of them. */
  readonly coalesce?: CoalesceOption
}

/**
 * Runs onerow on TypeORM: on a data source for PostgreSQL, MariaDB, MySQL or better-sqlite3, or in its open transaction.
 *
 * @param source a `DataSource`, the `EntityManager` or `QueryRunner` of a transaction, or a `Repository` of either
 * @returns the database, whose `client` is an `EntityManager`
 * @throws `TypeError` when the data source is of another type
 * @example
 * ```ts
 * import { getOrCreate, uniqueKey } from 'onerow'
 * import { fromTypeOrm, typeOrmTable } from 'onerow/typeorm'
 * import type { DataSource } from 'typeorm'
 *
 * interface Race { id: number; userId: string; name: string }
 * declare const dataSource: DataSource
 * const races = typeOrmTable(dataSource.getRepository<Race>('Race'))
 * const byUser = uniqueKey(races, ['userId'], { name: 'race_user_id' })
 *
 * await dataSource.transaction(async (manager) => {
 *   const values = { where: { userId: 'a' }, create: { name: 'foo' } }
 *   const { row } = await getOrCreate(fromTypeOrm(manager), byUser, values)
 *   await manager.save('Race', { ...row, name: 'bar' })
 * })
 * ```
 */
export function fromTypeOrm<Manager extends TypeOrmManagerLike>(
  source: Manager | { readonly manager: Manager },
  { coalesce }: TypeOrmOptions = {},
): Database<Manager> {
  const manager = 'manager' in source ? source.manager : source
  const { dataSource, queryRunner } = manager
  const engine = typeOrmEngine(dataSource.options.type)
  if (queryRunner) return onRunner(queryRunner, manager, engine)
  // There all runners of a data source are one and the same.
  if (engine.dialect.name === 'sqlite') return onRunner(dataSource.createQueryRunner(), manager, engine)
  return {
    client: manager,
    pool: dataSource,
    dialect: engine.dialect,
    execute: (statement) => withRunner(dataSource, (runner) => engine.run(runner, statement)),
    coalesce: coalescing(coalesce),
    inTransaction: () => false,
    begin: (work, options) =>
      withRunner(dataSource, (runner) => onRunner(runner, manager, engine).begin(work, options)),
  }
}

async function withRunner<Result>(
  dataSource: TypeOrmSourceLike,
  work: (runner: TypeOrmRunnerLike) => Promise<Result>,
): Promise<Result> {
  // With replicas, it is one of the master unless told.
  const runner = dataSource.createQueryRunner()
  try {
    return await work(runner)
  } finally {
    await runner.release()
  }
}

function onRunner<Manager extends TypeOrmManagerLike>(
  runner: TypeOrmRunnerLike,
  manager: Manager,
  { dialect, run, start }: TypeOrmEngine,
): Database<Manager> {
  const withClient = (db: Database, client: Manager): Database<Manager> => ({
    ...db,
    client,
    pool: client.dataSource,
    begin: (work, options) =>
      // A data source makes all its managers of one class.
      db.begin((transaction) => work(withClient(transaction, runner.manager as Manager)), options),
  })
  const session = sessionDatabase({
    client: runner,
    dialect,
    inTransaction: () => runner.isTransactionActive,
    execute: (statement) => run(runner, statement),
    // TypeORM keeps count of a runner's transactions: in one that it does not know of, `save` begins and commits its own.
    transactions: {
      begin: (isolation) => start(runner, isolation),
      commit: () => runner.commitTransaction(),
      rollback: () => runner.rollbackTransaction(),
    },
  })
  return withClient(session, manager)
}

interface OnManager {
  readonly manager: TypeOrmManagerLike
}

/** What {@link keyMethods} adds to a repository. */
export interface KeyMethods<K extends Key> {
  /** `getOrCreate` with the key, on the repository's own manager. */
  getOrCreate(this: OnManager, values: GetOrCreateValues<K>): Promise<GetOrCreateResult<RowOf<K>>>
  /** `updateOrCreate` with the key, likewise. */
  updateOrCreate(
    this: OnManager,
    values: UpdateOrCreateByFunction<K>,
  ): Promise<UpdateOrCreateResult<RowOf<K>>>
  updateOrCreate<const Update extends UpdateOf<K>>(
    this: OnManager,
    values: UpdateOrCreateValues<K, Update>,
  ): Promise<UpdateOrCreateResult<RowOf<K>>>
  /** `createUnique` with the key, likewise. */
  createUnique(this: OnManager, values: GetOrCreateValues<K>): Promise<RowOf<K>>
}

/**
 * The methods of a key, for `repository.extend`. Of a repository that `manager.withRepository` gives, they take part in the
 * manager's transaction.
 *
 * @returns `getOrCreate`, `updateOrCreate` and `createUnique`
 * @example
 * ```ts
 * import { uniqueKey } from 'onerow'
 * import { keyMethods, typeOrmTable } from 'onerow/typeorm'
 * import type { DataSource } from 'typeorm'
 *
 * interface Race { id: number; userId: string; name: string }
 * declare const dataSource: DataSource
 * const races = dataSource.getRepository<Race>('Race')
 * const byUser = uniqueKey(typeOrmTable(races), ['userId'], { name: 'race_user_id' })
 *
 * const racesByUser = races.extend(keyMethods(byUser))
 * const { row, created } = await racesByUser.getOrCreate({ where: { userId: 'a' }, create: { name: 'foo' } })
 * ```
 */
export function keyMethods<K extends Key>(key: K): KeyMethods<K> {
  return {
    getOrCreate(values) {
      return getOrCreate(fromTypeOrm(this), key, values)
    },
    updateOrCreate(this: OnManager, values: UpdateOrCreateByFunction<K>) {
      return updateOrCreate(fromTypeOrm(this), key, values)
    },
    createUnique(values) {
      return createUnique(fromTypeOrm(this), key, values)
    },
  }
}
