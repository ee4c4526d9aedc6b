type Query = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** How often InnoDB gives the same account until it counts as idle: where somebody can still read what was deleted, it is never done. */
const enough = 10

/** How often it is asked at most: what others do on the server, it cleans up as well. */
const most = 500

/**
 * Resolves when InnoDB has cleaned up.
 *
 * What a transaction deletes, InnoDB only marks, and removes it a little later (purge). Until then others lock what is marked, and wait
 * for each other there; when it is removed, their locks on it become locks of a gap, for which no reader waits. So it depends on that
 * moment who goes on, and one schedule would go two ways.
 */
export async function untilPurged(query: Query): Promise<void> {
  let [before, same] = ['', 0]
  for (let times = 0; times < most && same < enough; times++) {
    const [row] = await query('show engine innodb status')
    const { left, views, account } = purgeIn(String(row?.['Status']))
    if (left === 0) return
    same = views > 0 && account === before ? same + 1 : 0
    before = account
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
  return { left, views, account: `${left} ${/^Purge done for trx's n:o < \d+/m.exec(status)?.[0]}` }
}
