import type { Pool } from 'pg'
import { openPool } from '../../contestants/open-pool.ts'
import { insertUnlessThere, rows, select } from '../../contestants/pg.ts'
import type { BulkContestant, Take } from '../bulk-contestant.ts'
import { callEach } from '../call-each.ts'
import type { NewItem } from '../item-list.ts'

export const contestants: readonly BulkContestant[] = [
  loop('pg: careful loop, 64 at a time', 64),
  loop('pg: careful loop', 1),
]

function loop(name: string, atATime: number): BulkContestant {
  return {
    name,
    kind: 'by hand',
    transaction: 'call',
    first: 10_000,
    note: 'select; insert on conflict do nothing returning; select again',
    open(url) {
      const pool = openPool(url, 10)
      return {
        run: (list, take) => callEach(list, atATime, (item) => findOrInsert(pool, item, take)),
        close: () => pool.end(),
      }
    },
  }
}

async function findOrInsert(pool: Pool, { owner, kind, label }: NewItem, take: Take): Promise<void> {
  for (;;) {
    const [found] = await rows(pool, select, [owner, kind])
    if (found) return take(found, false)
    const [created] = await rows(pool, insertUnlessThere, [owner, kind, label])
    if (created) return take(created, true)
  }
}
