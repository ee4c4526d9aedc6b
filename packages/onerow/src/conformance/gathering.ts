import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import type { Engine } from './engine.ts'

/** The database, on which calls gather. */
export function gatheringDatabase({ db }: Engine): Database {
  assert.ok(db.coalesce, 'calls on this database do not gather; if they never can, say why in `cannot`')
  return db
}
