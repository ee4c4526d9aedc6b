import { mysql } from 'onerow/mysql'
import { onEveryEngine } from './on-every-engine.ts'
import {
  openSequelizeAsMysql,
  openSequelizeOnMariadb,
  openSequelizeOnPostgres,
  openSequelizeOnSqlite,
} from './open-sequelize.ts'

await onEveryEngine({
  module: import.meta.resolve('./open-sequelize.ts'),
  pairs: [
    { name: 'sequelize on PostgreSQL', engine: 'postgres', open: openSequelizeOnPostgres },
    { name: 'sequelize on SQLite', engine: 'sqlite', open: openSequelizeOnSqlite },
    { name: 'sequelize on MariaDB', engine: 'mariadb', open: openSequelizeOnMariadb },
    // By mysql2. MySQL itself is neither on npm nor among Debian's packages.
    {
      name: 'sequelize on MariaDB, as on MySQL',
      engine: 'mariadb',
      dialect: mysql,
      open: openSequelizeAsMysql,
    },
  ],
  spelled: { begin: 'START TRANSACTION', 'start transaction': 'START TRANSACTION', commit: 'COMMIT' },
})
