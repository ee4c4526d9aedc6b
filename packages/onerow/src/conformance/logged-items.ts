import type { StoredRow } from '../database.ts'
import type { Engine } from './engine.ts'
import { createItems } from './items.ts'
import type { Items } from './items.ts'

/** Items, and the traces that a write leaves. */
export interface LoggedItems extends Items {
  /** How often a row was updated, as a trigger counts it. */
  readonly updates: () => Promise<number>
  /** Changes with each write of the connection's, whatever it writes. */
  readonly version: () => Promise<readonly StoredRow[]>
}

/** Makes a table of items with one row, of owner 1, whose label is "stored". */
export async function createLoggedItems(engine: Engine): Promise<LoggedItems> {
  const { db, sql } = engine
  const items = await createItems(engine)
  await engine.execute(items.insertSql({ label: 'stored' }))
  const log = engine.uniqueName('log')
  await engine.execute(`create table ${log} (n ${sql.types.integer})`)
  for (const statement of sql.logUpdates(items.name, log)) await engine.execute(statement)
  return {
    ...items,
    updates: async () => (await engine.execute(`select n from ${log}`)).length,
    version: () => db.execute({ text: sql.rowVersion(items.name), values: [] }),
  }
}
