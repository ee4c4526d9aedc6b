import { onEveryEngine } from './on-every-engine.ts'
import { openKyselyMariadb, openKyselyPostgres, openKyselySqlite } from './open-kysely.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-kysely.ts'),
  pairs: [
    { name: 'kysely on PostgreSQL', engine: 'postgres', open: openKyselyPostgres },
    { name: 'kysely on SQLite', engine: 'sqlite', open: openKyselySqlite },
    { name: 'kysely on MariaDB', engine: 'mariadb', open: openKyselyMariadb },
  ],
  spelled: { 'start transaction': 'begin' },
  cannot: { 'read replicas': 'a Kysely knows one server' },
})
