import { fromMariadb } from 'onerow/mariadb'
import type { OpenDatabase, OpenOptions } from 'onerow/conformance'
import { createConnection, createPoolCluster } from 'mariadb'

/** Spreads statements, transactions and sessions over the nodes of a cluster in turn; `where` is their URLs. */
export async function openGalera(
  where: string,
  { connections = 10, isolation }: OpenOptions = {},
): Promise<OpenDatabase> {
  const nodes = where.split(' ').map((url) => settingsOf(url, isolation))
  const cluster = createPoolCluster()
  for (const [index, node] of nodes.entries())
    cluster.add(`node${index}`, { ...node, connectionLimit: connections })
  let turn = 0
  return {
    db: fromMariadb(cluster.of('.*', 'RR')),
    async session() {
      const connection = await createConnection(nodes[turn++ % nodes.length] ?? {})
      return {
        db: fromMariadb(connection),
        execute: async (text, values = []) => {
          const rows: unknown =
            values.length === 0 ? await connection.query(text) : await connection.execute(text, [...values])
          return Array.isArray(rows) ? rows : []
        },
        close: () => connection.end(),
      }
    },
    close: () => cluster.end(),
  }
}

function settingsOf(url: string, isolation: OpenOptions['isolation']) {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    bigIntAsNumber: false,
    insertIdAsNumber: true,
    initSql: isolation === undefined ? [] : [`set session transaction isolation level ${isolation}`],
  }
}
