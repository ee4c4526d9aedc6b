import { listAccounts } from './accounts.ts'
import type { Node } from './nodes.ts'
import { untilSeen } from './until-seen.ts'

/** Resolves when the account has been replicated to the node. */
export async function untilArrived({ pool }: Node, email: string): Promise<void> {
  await untilSeen(async () => (await listAccounts(pool)).some((account) => account.email === email))
}

/** The node applies nothing more of the other's writes. */
export async function pause({ pool }: Node): Promise<void> {
  await pool.query('alter subscription other_node disable')
  // The statement does not wait for the apply worker to end.
  await untilSeen(async () => {
    const { rows } = await pool.query('select from pg_stat_subscription where pid is not null')
    return rows.length === 0
  })
}

export async function resume({ pool }: Node): Promise<void> {
  await pool.query('alter subscription other_node enable')
}

/** How often the node has failed to apply a row of the other's, because its own unique index refused the row. */
export async function countConflicts({ pool }: Node): Promise<number> {
  const { rows } = await pool.query<{ readonly conflicts: number }>(
    'select confl_insert_exists::int as conflicts from pg_stat_subscription_stats',
  )
  return rows[0]?.conflicts ?? 0
}

/**
 * Resolves when the node has failed again, from the start: the next failure may be that of an attempt which is under way,
 * but the one after it began later than this call. So nothing committed before can still be on its way.
 */
export async function untilFailedAgain(node: Node): Promise<void> {
  const before = await countConflicts(node)
  await untilSeen(async () => (await countConflicts(node)) >= before + 2)
}
