type Query = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/**
 * How often InnoDB gives the same account until it counts as idle. Where somebody can still read what was deleted, it is never done;
 * where nobody can, it may leave the last one for later.
 */
const enough = { whileRead: 10, unread: 50 }

/** How often it is asked at most: what others do on the server, it cleans up as well. */
const most = 500

/**
 * What waits until InnoDB has cleaned up.
 *
 * What a transaction deletes, InnoDB only marks, and removes it a little later (purge). Until then others lock what is marked, and wait
 * for each other there; when it is removed, their locks on it become locks of a gap, for which no reader waits. So it depends on that
 * moment who goes on, and one schedule would go two ways.
 */
export function purgeOf(query: Query): () => Promise<void> {
  /** Where it stood when it had done all that it would. */
  let idleAt: string | undefined
  return async () => {
    let before: string | undefined
    for (let [times, same] = [0, 0]; times < most; times++) {
      const [row] = await query('show engine innodb status')
      const { left, views, account } = purgeIn(String(row?.['Status']))
      if (left === 0 || account === idleAt) return
      same = account === before ? same + 1 : 0
      before = account
      if (same < (views > 0 ? enough.whileRead : enough.unread)) continue
      idleAt = account
      return
    }
  }
}

/**
 * How far it is, by its own account:
 * ```text
 * Purge done for trx's n:o < 32 undo n:o < 0 state: running
 * History list length 1
 * …
 * 0 read views open inside InnoDB
 * ```
 */
function purgeIn(status: string): {
  readonly left: number
  readonly views: number
  readonly account: string
} {
  const left = Number(/^History list length (\d+)/m.exec(status)?.[1] ?? 0)
  const views = Number(/^(\d+) read views open/m.exec(status)?.[1] ?? 0)
  const done = /^Purge done for .*$/m.exec(status)?.[0]
  // Whoever closes a view may let it go on.
  return { left, views, account: `${left} ${views} ${done}` }
}
