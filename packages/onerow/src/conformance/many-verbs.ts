import type { CallOptions } from '../call.ts'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import type { ItemKey } from './items.ts'
import type { Item } from './items.ts'

type Results = Promise<readonly { readonly row: Item; readonly created: boolean }[]>

/** Calls for the items of these owners, in a list. A new one's label is "ours"; one that is there keeps its label. */
export type ManyCall = (
  db: Database,
  key: ItemKey,
  owners: readonly number[],
  options?: CallOptions,
) => Results

const create = { label: 'ours', note: 'n', amount: 0 }

/** Both verbs on lists. */
export const manyVerbs: readonly (readonly [name: string, call: ManyCall])[] = [
  [
    'getOrCreateMany',
    (db, key, owners, options) =>
      getOrCreateMany(
        db,
        key,
        owners.map((owner) => ({ where: { owner, kind: 'a' }, create })),
        options,
      ),
  ],
  [
    'updateOrCreateMany',
    (db, key, owners, options) =>
      updateOrCreateMany(
        db,
        key,
        owners.map((owner) => ({ where: { owner, kind: 'a' }, update: { amount: 5 }, create })),
        options,
      ),
  ],
]

/** Whole numbers from 1. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
