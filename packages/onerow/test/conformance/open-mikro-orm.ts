import { MikroORM as MariadbOrm } from '@mikro-orm/mariadb'
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql'
import { MikroORM as SqliteOrm } from '@mikro-orm/sqlite'
import type { IsolationLevel, SqlEntityManager } from '@mikro-orm/postgresql'
import { CompiledQuery } from 'kysely'
import type { DatabaseConnection } from 'kysely'
import type { StoredRow } from 'onerow'
import type { OpenDatabase, OpenOptions, Session } from 'onerow/conformance'
import { fromMikroOrm } from 'onerow/mikro-orm'
import { transactionSession } from './transaction-session.ts'

type Orm = PostgresOrm | MariadbOrm | SqliteOrm

/** The suite brings tables of its own, not entities. */
const noEntities = { entities: [], discovery: { warnWhenNoEntities: false } }
const nobody = [{ host: '127.0.0.1', port: 1 }]

export async function openMikroOrmOnPostgres(
  clientUrl: string,
  { connections = 10, isolation, unreachableReplica = false }: OpenOptions = {},
): Promise<OpenDatabase> {
  const options = isolation && `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`
  return openDatabase(
    (max) =>
      new PostgresOrm({
        ...noEntities,
        clientUrl,
        pool: { max },
        driverOptions: { options },
        replicas: unreachableReplica ? nobody : [],
      }),
    connections,
  )
}

export async function openMikroOrmOnMariadb(
  clientUrl: string,
  { connections = 10, isolation, unreachableReplica = false }: OpenOptions = {},
): Promise<OpenDatabase> {
  const level = isolation && `set session transaction isolation level ${isolation}`
  return openDatabase(
    (max) =>
      new MariadbOrm({
        ...noEntities,
        clientUrl,
        pool: { max },
        onCreateConnection: async (connection) => {
          // MikroORM leaves open which of Kysely's connections it is.
          if (level) await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(level))
        },
        replicas: unreachableReplica ? nobody : [],
      }),
    connections,
  )
}

/** @param dbName a file's path */
export async function openMikroOrmOnSqlite(dbName: string): Promise<OpenDatabase> {
  return openDatabase(() => new SqliteOrm({ ...noEntities, dbName, driverOptions: { timeout: 10_000 } }), 1)
}

async function openDatabase(open: (connections: number) => Orm, connections: number): Promise<OpenDatabase> {
  const orm = open(connections)
  return {
    db: fromMikroOrm(forkOf(orm)),
    session: async () => sessionOf(open(1)),
    close: () => close(orm),
  }
}

function sessionOf(orm: Orm): Session {
  const em = forkOf(orm)
  return transactionSession({
    db: fromMikroOrm(em),
    execute: (text, values) => execute(em, text, values),
    close: () => close(orm),
    async begin(isolation) {
      const fork = em.fork()
      // The values of MikroORM's enumeration are the standard's names.
      await fork.begin(isolation === undefined ? {} : { isolationLevel: isolation as IsolationLevel })
      return {
        db: fromMikroOrm(fork),
        execute: (text, values) => execute(fork, text, values),
        commit: () => fork.commit(),
        rollback: () => fork.rollback(),
      }
    },
  })
}

/** The managers of all drivers are of one class but for its types. */
function forkOf(orm: Orm): SqlEntityManager {
  return (orm.em as SqlEntityManager).fork()
}

/** As a user of MikroORM does; it binds no values, but its Kysely does. */
async function execute(em: SqlEntityManager, text: string, values: readonly unknown[] = []) {
  if (values.length === 0) return em.execute<StoredRow[]>(text)
  await em.getConnection().ensureConnection()
  // better-sqlite3 binds lists to nameless placeholders only.
  const query = CompiledQuery.raw(text.replaceAll(/[?]\d+/g, '?'), [...values])
  return (await em.getKysely<Record<never, never>>().executeQuery<StoredRow>(query)).rows
}

/** MikroORM never gives a connection back that was lost in a transaction, and then waits for it when it closes. */
async function close(orm: Orm): Promise<void> {
  const pool = orm instanceof PostgresOrm ? await orm.em.getConnection().getNativeClient() : undefined
  const closing = orm.close()
  if (!pool || pool.totalCount === pool.idleCount) await closing
}
