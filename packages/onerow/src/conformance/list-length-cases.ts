import assert from 'node:assert/strict'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createItems } from './items.ts'
import { manyVerbs, upTo } from './many-verbs.ts'
import { counted } from './watched.ts'

export const listLengthCases: readonly Case[] = [
  ...manyVerbs.map(([verb, call]): Case => ({
    id: 'B05',
    name: `an empty list costs no SQL: ${verb}`,
    async run(engine) {
      const { key } = await createItems(engine)
      const { db, count } = counted(engine.db)
      assert.deepEqual([await call(db, key, []), count()], [[], 0])
    },
  })),
  ...manyVerbs.map(([verb, call]): Case => ({
    id: 'B06',
    name: `a list longer than a statement's limits is split, and answered in its order: ${verb}`,
    async run(engine) {
      const { key, rows } = await createItems(engine)
      const owners = longList(engine, verb)
      const results = await call(engine.db, key, owners)
      assert.deepEqual(
        results.map(({ row, created }) => [row.owner, created]),
        owners.map((owner) => [owner, true]),
      )
      assert.equal((await rows()).length, owners.length)
      const last = owners.slice(-Math.ceil(owners.length / 10)).toReversed()
      const again = await call(engine.db, key, last)
      assert.deepEqual(
        again.map(({ row, created }) => [row.id, created]),
        results
          .slice(-last.length)
          .map(({ row }) => [row.id, false])
          .toReversed(),
      )
    },
  })),
]

/**
 * More rows than one statement takes, and under a full load, with five columns, more values: the protocols of PostgreSQL and
 * MariaDB count them by 16 bits. Neighbours change places, so that the order is not that of the keys.
 */
function longList({ load, sql }: Engine, verb: string): readonly number[] {
  const isLong = load === 'full' && sql.cannot['inserts that gather'] === undefined
  const most = verb === 'getOrCreateMany' ? (isLong ? 13_200 : 1_100) : load === 'full' ? 1_010 : 200
  return upTo(most).map((number) => ((number - 1) ^ 1) + 1)
}
