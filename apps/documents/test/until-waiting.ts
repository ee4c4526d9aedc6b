import type { Client, Pool } from 'pg'

/**
 * Resolves when this many sessions of the database wait for another's transaction (`transactionid`), or for an
 * advisory lock (`advisory`).
 */
export async function untilWaiting(
  client: Pool | Client,
  sessions: number,
  event: 'transactionid' | 'advisory' = 'transactionid',
): Promise<void> {
  for (let waiting = 0; waiting < sessions;) {
    const { rows } = await client.query<{ readonly waiting: number }>(
      `
select count(*)::integer as waiting
from pg_stat_activity
where datname = current_database() and wait_event = $1`,
      [event],
    )
    waiting = rows[0]?.waiting ?? 0
  }
}
