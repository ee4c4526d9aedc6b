import type { Database } from './database.ts'
import type { Key, RowOf } from './key.ts'

/** A row as the caller gets it: what the data tool's users know, where the table says how that is made. */
export function toRow<K extends Key>(db: Database, { table }: K, values: object): RowOf<K> {
  // The statement selects every column of the table under its property's name: that is what RowOf describes.
  return table.toRow ? table.toRow(values, db.client) : values
}
