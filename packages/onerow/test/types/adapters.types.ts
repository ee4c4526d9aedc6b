// Compiled, never run: when the types of a driver drift away from what its adapter declares, the build fails here.
import type { DatabaseSync } from 'node:sqlite'
import type { PGlite, Transaction } from '@electric-sql/pglite'
import type * as mariadb from 'mariadb'
import type mysql2 from 'mysql2/promise'
import type pg from 'pg'
import type postgres from 'postgres'
import type { Database } from 'onerow'
import { fromMariadb } from 'onerow/mariadb'
import { fromMysql2 } from 'onerow/mysql2'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { fromPg } from 'onerow/pg'
import { fromPglite } from 'onerow/pglite'
import { fromPostgresJs } from 'onerow/postgres-js'

export function pgAdapter(pool: pg.Pool, client: pg.Client, connection: pg.PoolClient) {
  fromPg(pool) satisfies Database<pg.PoolClient>
  fromPg(client) satisfies Database<pg.Client>
  fromPg(connection) satisfies Database<pg.PoolClient>
  fromPg(pool, { prepare: false })
  // @ts-expect-error not a client
  fromPg({})
}

export function postgresJsAdapter(
  sql: postgres.Sql,
  reserved: postgres.ReservedSql,
  transaction: postgres.TransactionSql,
) {
  fromPostgresJs(sql) satisfies Database<postgres.TransactionSql>
  fromPostgresJs(transaction) satisfies Database<postgres.TransactionSql>
  fromPostgresJs(reserved) satisfies Database<postgres.ReservedSql>
  // @ts-expect-error not postgres.js
  fromPostgresJs({})
}

export function pgliteAdapter(client: PGlite, transaction: Transaction) {
  fromPglite(client) satisfies Database<Transaction>
  fromPglite(transaction) satisfies Database<Transaction>
  // @ts-expect-error not PGlite
  fromPglite({})
}

export function mysql2Adapter(
  pool: mysql2.Pool,
  connection: mysql2.Connection,
  pooled: mysql2.PoolConnection,
  namespace: mysql2.PoolNamespace,
) {
  fromMysql2(pool) satisfies Database<mysql2.Connection>
  fromMysql2(namespace) satisfies Database<mysql2.Connection>
  fromMysql2(connection) satisfies Database<mysql2.Connection>
  fromMysql2(pooled, { server: 'mariadb' }) satisfies Database<mysql2.PoolConnection>
  // @ts-expect-error not a connection
  fromMysql2({})
}

export function mariadbAdapter(
  pool: mariadb.Pool,
  connection: mariadb.Connection,
  pooled: mariadb.PoolConnection,
  cluster: mariadb.FilteredPoolCluster,
) {
  fromMariadb(pool) satisfies Database<mariadb.Connection>
  fromMariadb(cluster) satisfies Database<mariadb.Connection>
  fromMariadb(connection) satisfies Database<mariadb.Connection>
  fromMariadb(pooled, { server: 'mysql' }) satisfies Database<mariadb.PoolConnection>
  // @ts-expect-error not a connection
  fromMariadb({})
}

export function nodeSqliteAdapter(client: DatabaseSync) {
  fromNodeSqlite(client) satisfies Database<DatabaseSync>
  // @ts-expect-error not a DatabaseSync
  fromNodeSqlite({})
}
