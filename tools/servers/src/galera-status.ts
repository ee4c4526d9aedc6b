import { withMariadbConnection, type MariadbAddress } from './with-mariadb-connection.ts'

export interface GaleraStatus {
  /** `Synced` when it has all that the cluster has; `Joining`, `Donor/Desynced`, `Initialized` and others. */
  readonly state: string
  /** How many nodes are with it, itself included. */
  readonly clusterSize: number
  /** Whether these are a majority, and so take statements. */
  readonly primary: boolean
  /** How many write sets it has committed. */
  readonly lastCommitted: number
}

/** What the node at the address says of itself and its cluster. */
export async function galeraStatus(address: MariadbAddress): Promise<GaleraStatus> {
  // SHOW and not a SELECT: this is answered by a node that has lost the majority, too.
  const rows = await withMariadbConnection(address, (connection) =>
    connection.query<readonly { readonly Variable_name: string; readonly Value: string }[]>(
      "show global status like 'wsrep\\_%'",
    ),
  )
  const values = new Map(rows.map((row) => [row.Variable_name, row.Value]))
  return {
    state: values.get('wsrep_local_state_comment') ?? 'unknown',
    clusterSize: Number(values.get('wsrep_cluster_size')),
    primary: values.get('wsrep_cluster_status') === 'Primary',
    lastCommitted: Number(values.get('wsrep_last_committed')),
  }
}
