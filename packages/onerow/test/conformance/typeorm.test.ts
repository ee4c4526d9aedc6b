import { onEveryEngine } from './on-every-engine.ts'
import { openTypeOrmOnMariadb, openTypeOrmOnPostgres, openTypeOrmOnSqlite } from './open-typeorm.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-typeorm.ts'),
  pairs: [
    { name: 'typeorm on PostgreSQL', engine: 'postgres', open: openTypeOrmOnPostgres },
    { name: 'typeorm on SQLite', engine: 'sqlite', open: openTypeOrmOnSqlite },
    { name: 'typeorm on MariaDB', engine: 'mariadb', open: openTypeOrmOnMariadb },
  ],
  spelled: { begin: 'START TRANSACTION', 'start transaction': 'START TRANSACTION', commit: 'COMMIT' },
})
