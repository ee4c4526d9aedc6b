import { fromMariadb } from 'onerow/mariadb'
import type { OpenDatabase, OpenOptions } from 'onerow/conformance'
import { createPoolCluster } from 'mariadb'
import { mariadbSettings, openMariadbSession } from './open-mariadb.ts'

/** Spreads statements, transactions and sessions over the nodes of a cluster in turn; `where` is their URLs. */
export async function openGalera(
  where: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const nodes = where.split(' ').map((url) => mariadbSettings(url, isolation))
  const cluster = createPoolCluster()
  for (const [index, node] of nodes.entries())
    cluster.add(`node${index}`, { ...node, connectionLimit: connections })
  let turn = 0
  return {
    db: fromMariadb(cluster.of('.*', 'RR')),
    session: () => openMariadbSession(nodes[turn++ % nodes.length] ?? {}),
    close: () => cluster.end(),
  }
}
