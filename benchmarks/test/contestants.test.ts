import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import type { TestDatabase } from '@onerow/servers'
import { Pool } from 'pg'
import { connections, openClient } from '../src/client.ts'
import type { AtOnceRequest } from '../src/client-messages.ts'
import { allContestants } from '../src/contestants.ts'
import type { Entrant } from '../src/contestants.ts'
import { createItemTable, itemCount, itemKinds, itemLabel } from '../src/item-table.ts'
import type { Item } from '../src/item-table.ts'
import { perform } from '../src/perform.ts'

interface Open {
  readonly atOnce: (request: AtOnceRequest) => Promise<{ readonly rows: readonly Item[] }>
  readonly close: () => Promise<void>
}

suite('contestants', async () => {
  let database: TestDatabase
  let pool: Pool
  before(async () => {
    database = await testDatabase({ name: 'contestants' })
    pool = new Pool({ connectionString: database.url, max: 1 })
    await createItemTable(pool)
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })

  for (const [index, contestant] of (await allContestants()).entries()) {
    const { name, safe, workloads } = contestant
    const skip = 'program' in contestant && 'missing' in contestant.program && contestant.program.missing
    test(name, { skip }, async () => {
      await using stack = new AsyncDisposableStack()
      const opened = stack.adopt(await open(contestant, database.url), ({ close }) => close())
      const existing = { owner: 7, kind: itemKinds[2], label: itemLabel }
      const fresh = { owner: 10_000 + index, kind: itemKinds[0], label: 'made by the test' }
      const rowsOf = async ({ owner, kind }: typeof fresh | typeof existing): Promise<readonly Item[]> =>
        (await pool.query<Item>('select * from item where owner = $1 and kind = $2', [owner, kind])).rows

      if (workloads?.includes('hit') ?? true) {
        const { rows } = await opened.atOnce({ ...existing, callers: 1 })
        assert.deepEqual(rows, await rowsOf(existing))
      }
      if (workloads?.includes('miss') ?? true) {
        const { rows } = await opened.atOnce({ ...fresh, callers: safe ? connections : 1 })
        const stored = await rowsOf(fresh)
        assert.equal(stored.length, 1)
        assert.equal(stored[0]?.label, fresh.label)
        for (const row of rows) assert.deepEqual(row, stored[0])
      }
    })
  }

  test('the table has its rows', async () => {
    const { rows } = await pool.query('select from item where owner < 10000')
    assert.equal(rows.length, itemCount)
  })
})

/** In this process where that is possible: it is faster. */
async function open(contestant: Entrant, url: string): Promise<Open> {
  if (!('open' in contestant)) return openClient(contestant, url)
  const { getOrCreate, close } = await contestant.open(url, connections)
  return { atOnce: (request) => perform.atOnce(getOrCreate, request), close }
}
