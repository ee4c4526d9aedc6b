import { onEveryEngine } from './on-every-engine.ts'
import { openKnexOnMariadb, openKnexOnMysql2, openKnexOnPostgres, openKnexOnSqlite } from './open-knex.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-knex.ts'),
  pairs: [
    { name: 'knex on PostgreSQL', engine: 'postgres', open: openKnexOnPostgres },
    { name: 'knex on SQLite', engine: 'sqlite', open: openKnexOnSqlite },
    { name: 'knex on MariaDB, by mysql2', engine: 'mariadb', open: openKnexOnMysql2 },
    { name: 'knex on MariaDB, by mariadb', engine: 'mariadb', open: openKnexOnMariadb },
  ],
  spelled: { begin: 'BEGIN;', 'start transaction': 'BEGIN;', commit: 'COMMIT;' },
  cannot: { 'read replicas': 'an instance of Knex knows one server' },
})
