import { onEveryEngine } from './on-every-engine.ts'
import { openMikroOrmOnMariadb, openMikroOrmOnPostgres, openMikroOrmOnSqlite } from './open-mikro-orm.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-mikro-orm.ts'),
  pairs: [
    { name: 'mikro-orm on PostgreSQL', engine: 'postgres', open: openMikroOrmOnPostgres },
    { name: 'mikro-orm on SQLite', engine: 'sqlite', open: openMikroOrmOnSqlite },
    { name: 'mikro-orm on MariaDB', engine: 'mariadb', open: openMikroOrmOnMariadb },
  ],
  // That is how Kysely writes it, on which MikroORM stands.
  spelled: { 'start transaction': 'begin' },
})
