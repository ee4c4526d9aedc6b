import { startPostgres } from '@onerow/servers'
import { escapeLiteral } from 'pg'
import type { Pool } from 'pg'
import { openPool } from '../stage/open-pool.ts'
import { createTable } from './accounts.ts'

/** One of two PostgreSQL servers that both take writes. */
export interface Node {
  readonly name: 'A' | 'B'
  readonly url: string
  readonly version: string
  readonly pool: Pool
}

/** The two, each publishing the table and subscribed to the other. */
export interface Nodes {
  readonly a: Node
  readonly b: Node
  [Symbol.asyncDispose](): Promise<void>
}

const settings = {
  wal_level: 'logical',
  // "Limits how often a failing replication apply worker … will be respawned" (manual). The default is 5 s.
  wal_retrieve_retry_interval: '100ms',
}

/** Starts two servers, whatever DATABASE_URL says: a PostgreSQL can publish only with `wal_level = logical`. */
export async function openNodes(): Promise<Nodes> {
  await using opening = new AsyncDisposableStack()
  const openNode = async (name: Node['name'], firstId: 1 | 2): Promise<Node> => {
    const { url, version } = opening.use(await startPostgres({ settings }))
    const pool = opening.use(openPool(url))
    await createTable(pool, firstId)
    await pool.query('create publication changes for table account')
    return { name, url, version, pool }
  }
  const [a, b] = [await openNode('A', 1), await openNode('B', 2)]
  await subscribe(a, b)
  await subscribe(b, a)
  const opened = opening.move()
  return { a, b, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** `origin = none`: the node is sent what was written on the other one, and not its own writes back. */
async function subscribe({ pool }: Node, to: Node): Promise<void> {
  await pool.query(`
    create subscription other_node
      connection ${escapeLiteral(to.url)}
      publication changes
      with (origin = none, copy_data = false)`)
}
