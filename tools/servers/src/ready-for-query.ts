const header = Buffer.from([0x5a, 0, 0, 0, 5]) // 'Z' and the length of what follows, itself included
const status = /^[ITE]$/ // idle, in a transaction, in a failed transaction

/**
 * Whether the bytes end with PostgreSQL's message ReadyForQuery: the server has done all that it was asked
 * and, outside of a transaction, committed it. The first bytes of a reply alone do not say so: a long result
 * starts before the statement has ended, and a driver may have the statement parsed before it has it run.
 */
export function readyForQuery(bytes: Buffer): boolean {
  const last = bytes.subarray(-6)
  return last.subarray(0, 5).equals(header) && status.test(last.toString('latin1', 5))
}
