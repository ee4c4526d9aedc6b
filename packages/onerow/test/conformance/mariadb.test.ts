import { after, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { mariadb } from 'onerow/mysql'
import { openLossyMariadb } from './open-lossy-mariadb.ts'
import { openMariadb, openMariadbAlone } from './open-mariadb.ts'

const name = 'mariadb on MariaDB'
const database = await testMariadb({ name: 'conformance_mariadb', alone: true })
if (database) {
  conformance({
    test,
    after,
    name,
    dialect: mariadb,
    where: database.url,
    open: openMariadb,
    worker: { module: import.meta.resolve('./open-mariadb.ts'), export: 'openMariadb' },
    openLossy: openLossyMariadb,
    cannot: { 'read replicas': 'a pool of mariadb knows one server' },
  })
  conformance({
    test,
    after,
    name: 'mariadb without coalescing on MariaDB',
    dialect: mariadb,
    where: database.url,
    load: 'light',
    open: openMariadbAlone,
    worker: { module: import.meta.resolve('./open-mariadb.ts'), export: 'openMariadbAlone' },
    openLossy: openLossyMariadb,
    cannot: {
      'read replicas': 'a pool of mariadb knows one server',
      'calls that gather': 'they are told not to',
    },
  })
  after(() => database.drop())
} else {
  test(name, { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
}
