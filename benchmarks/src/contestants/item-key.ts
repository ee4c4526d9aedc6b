import { table, uniqueKey } from 'onerow'
import type { Item } from '../item-table.ts'

/** The key as onerow knows it, for the drivers, which have no schema of their own. */
export const itemKey = uniqueKey(
  table<Item, Omit<Item, 'id'>>('item', {
    columns: { id: 'id', owner: 'owner', kind: 'kind', label: 'label' },
    primaryKey: ['id'],
  }),
  ['owner', 'kind'],
  { name: 'item_owner_kind' },
)
