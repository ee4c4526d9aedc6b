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
  const everywhere = () =>
    Promise.all(nodes.map((_, index) => cluster.of(`^node${index}$`).query('select 1')))
  return {
    db: fromMariadb(cluster.of('.*', 'RR')),
    async session() {
      const session = await openMariadbSession(nodes[turn++ % nodes.length] ?? {})
      return {
        ...session,
        async execute(text, values) {
          const rows = await session.execute(text, values)
          // The other nodes have it a moment later. A read waits for that, but not in a transaction that is open already.
          await everywhere()
          return rows
        },
      }
    },
    close: () => cluster.end(),
  }
}
