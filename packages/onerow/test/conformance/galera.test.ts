import { after, test } from 'node:test'
import { installCommand, testGalera } from '@onerow/servers'
import { conformance } from 'onerow/conformance'
import { mariadb } from 'onerow/mysql'
import { openGalera } from './open-galera.ts'

const name = 'mariadb on three Galera nodes'
// Each read waits until its node has what the others had committed, so that a case may look on any node.
const galera = await testGalera({ name: 'conformance_galera', settings: { 'wsrep-sync-wait': '15' } })
if (galera) {
  conformance({
    test,
    after,
    name,
    dialect: mariadb,
    where: galera.nodes.map(({ url }) => url).join(' '),
    open: openGalera,
    worker: { module: import.meta.resolve('./open-galera.ts'), export: 'openGalera' },
    cannot: {
      'read replicas': 'each node takes writes',
      'ids without gaps': 'each node has ids of its own, in steps',
      'lost connections': 'a lost node is a test of its own (faults)',
      'rivals that block': 'a lock on one node is unknown on the others, until COMMIT',
    },
  })
  after(() => galera.drop())
} else {
  test(name, { skip: `Galera is not installed: ${installCommand.mariadb}` })
}
