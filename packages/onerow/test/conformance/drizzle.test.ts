import { onEveryEngine } from './on-every-engine.ts'
import {
  openDrizzle,
  openDrizzleOnBetterSqlite3,
  openDrizzleOnLibsql,
  openDrizzleOnMysql2,
  openDrizzleOnPostgresJs,
} from './open-drizzle.ts'

const lockedFromItsStart = "Drizzle's transaction on libsql holds the one write lock from its start"

await onEveryEngine({
  module: import.meta.resolve('./open-drizzle.ts'),
  pairs: [
    { name: 'drizzle on PostgreSQL', engine: 'postgres', open: openDrizzle },
    {
      name: 'drizzle on PostgreSQL, by postgres-js',
      engine: 'postgres',
      open: openDrizzleOnPostgresJs,
      cannot: {
        'savepoints by SQL':
          'postgres.js ends a transaction as failed when any of its statements has, unless by its own savepoint()',
      },
    },
    { name: 'drizzle on MariaDB', engine: 'mariadb', open: openDrizzleOnMysql2 },
    { name: 'drizzle on SQLite', engine: 'sqlite', open: openDrizzleOnBetterSqlite3 },
    {
      name: 'drizzle on SQLite, by libsql',
      engine: 'sqlite',
      open: openDrizzleOnLibsql,
      cannot: { 'rivals of a reader': lockedFromItsStart, 'rivals of a locking read': lockedFromItsStart },
    },
  ],
  spelled: { 'start transaction': 'begin' },
})
