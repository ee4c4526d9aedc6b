import assert from 'node:assert/strict'
import { getOrCreate, uniqueKey, updateOrCreate } from 'onerow'
import type { Database, Table } from 'onerow'

/** A table of samples by Drizzle alone. */
export interface OnDrizzle {
  readonly insert: (row: object) => PromiseLike<unknown>
  readonly find: (id: number) => PromiseLike<readonly object[]>
}

/** Stores each sample by Drizzle and by onerow, and reads it by both: what one gives, the other gives. */
export async function assertSameValues(
  db: Database,
  table: Table,
  { insert, find }: OnDrizzle,
  samples: readonly object[],
): Promise<void> {
  // Whichever its other columns are, it has an `id`.
  const typed = table as Table<{ readonly id: number }, { readonly id: number }>
  const byId = uniqueKey(typed, ['id'], { name: 'sample_pkey' })
  const [first = {}] = samples
  for (const [index, sample] of samples.entries()) {
    const [byDrizzle, byOnerow] = [2 * index + 1, 2 * index + 2]
    await insert({ id: byDrizzle, ...sample })
    const found = await getOrCreate(db, byId, { where: { id: byDrizzle } })
    const made = await getOrCreate(db, byId, { where: { id: byOnerow }, create: sample })
    assert.deepEqual([found.created, made.created], [false, true])
    assert.deepEqual([{ ...found.row }], await find(byDrizzle))
    assert.deepEqual([{ ...made.row }], await find(byOnerow))
    assert.deepEqual({ ...made.row, id: 0 }, { ...found.row, id: 0 })
    const update = (values: object) => updateOrCreate(db, byId, { where: { id: byOnerow }, update: values })
    assert.equal((await update(sample)).outcome, 'unchanged')
    assert.deepEqual([{ ...(await update(first)).row }], await find(byOnerow))
  }
}
