import type { Call } from './call.ts'
import type { Arbiter } from './dialect.ts'
import { StatementFailure } from './statement-failure.ts'

/**
 * What a read tells of itself, beside the row: `1` or `0`, whether a transaction is open; `+` or `-`, whether there is a row;
 * and the proof of the arbiter.
 *
 * @returns whether there is a row
 * @throws `StatementFailure` when what the call goes by does not hold: no error of the database, but as good as one
 */
export function readMark(
  told: unknown,
  { inTransaction }: Pick<Call, 'inTransaction'>,
  arbiter: Arbiter,
): boolean {
  const mark = String(told)
  // A MariaDB Galera node that gives up a transaction for another's answers 1213, but for one thing: when that happens while it
  // prepares a SELECT, it says nothing (seen on 10.11), and what follows would be committed statement by statement.
  if (inTransaction === true && mark.startsWith('0'))
    throw new StatementFailure({ kind: 'retry' }, new Error('The server has ended the transaction.'))
  if (mark.slice(2) !== (arbiter.proof ?? ''))
    throw new StatementFailure({ kind: 'key-not-enforced' }, undefined)
  return mark[1] === '+'
}
