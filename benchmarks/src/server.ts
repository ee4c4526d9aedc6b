import { startPostgres } from '@onerow/servers'
import type { PostgresServer } from '@onerow/servers'

/** What differs from PostgreSQL's defaults, and why. */
export const serverSettings = {
  /** Each contestant has connections of its own, and they stay open. */
  max_connections: '800',
  shared_buffers: '512MB',
  /** What works in the background works for one contestant and against another: the tables are vacuumed by hand. */
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '16GB',
  /** Otherwise something is written to the WAL every 15 seconds even if nothing happens. */
  wal_level: 'minimal',
  max_wal_senders: '0',
  /** The tools are compared, not the disk: waiting for it would bring them closer together. */
  fsync: 'off',
  full_page_writes: 'off',
} as const

/** A server of the benchmark's own, in a temporary folder that goes with it. */
export function startBenchmarkServer(): Promise<PostgresServer> {
  return startPostgres({ settings: serverSettings })
}
