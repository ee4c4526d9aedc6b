import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { isOnerowError } from '../errors.ts'
import { updateOrCreate } from '../update-or-create.ts'
import { begin } from './begin.ts'
import type { Case, Need } from './case.ts'
import { createItems } from './items.ts'
import type { ItemKey } from './items.ts'

const where = { owner: 1, kind: 'a' }

const ways: readonly (readonly [
  name: string,
  needs: readonly Need[],
  call: (
    db: Database,
    key: ItemKey,
    create: () => Promise<{ label: string }>,
  ) => ReturnType<typeof updateOrCreate<ItemKey>>,
])[] = [
  [
    'by values',
    ['rivals of a reader'],
    (db, key, create) => updateOrCreate(db, key, { where, update: { amount: 5 }, create }),
  ],
  [
    'by function',
    ['rivals of a locking read'],
    (db, key, create) => updateOrCreate(db, key, { where, update: () => ({ amount: 5 }), create }),
  ],
]

export const updateInTransactionCases: readonly Case[] = ways.map(([name, needs, call]): Case => ({
  id: 'U09',
  name: `the row appears between our read and our insert, in a caller's transaction: ${name}`,
  needs: ['several sessions', ...needs],
  atEachLevel: true,
  async run(engine) {
    const { key, insertSql, rows } = await createItems(engine)
    const { db, execute } = await engine.session()
    await begin({ execute }, engine, engine.isolation)
    const create = async () => {
      await engine.execute(insertSql(where))
      return { label: 'ours' }
    }
    const outcome = await call(db, key, create).then(
      ({ row }) => (row.label === 'rival' && row.amount === 5 ? 'row' : row),
      (error: unknown) => (isOnerowError(error) ? error.kind : error),
    )
    assert.equal(outcome, engine.sql.lateRow[engine.isolation ?? 'serializable'])
    await execute('rollback')
    assert.deepEqual(
      (await rows()).map(({ label }) => label),
      ['rival'],
    )
  },
}))
