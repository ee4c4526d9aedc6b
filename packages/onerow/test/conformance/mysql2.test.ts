import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { mariadb, mysql } from 'onerow/mysql'
import { openLossyMariadb } from './open-lossy-mariadb.ts'
import { openMysql2, openMysql2AsMysql } from './open-mysql2.ts'

// MySQL itself is neither on npm nor among Debian's packages; its way, without RETURNING, is run on MariaDB.
const ways = [
  { name: 'mysql2 on MariaDB', dialect: mariadb, open: openMysql2 },
  { name: 'mysql2 on MariaDB, as on MySQL', dialect: mysql, open: openMysql2AsMysql },
] as const

for (const { name, dialect, open } of ways) {
  const database = await testMariadb({ name: 'conformance_mysql2', alone: true })
  if (!database) {
    test(name, { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
    continue
  }
  conformance({
    test,
    after,
    name,
    dialect,
    where: database.url,
    open,
    worker: { module: import.meta.resolve('./open-mysql2.ts'), export: open.name },
    openLossy: openLossyMariadb,
    cannot: { 'read replicas': 'a pool of mysql2 knows one server' },
  })
  after(() => database.drop())
}
