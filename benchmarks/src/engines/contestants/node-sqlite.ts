import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { fromNodeSqlite } from 'onerow/node-sqlite'
import { only } from '../../contestant.ts'
import type { Item } from '../../item-table.ts'
import type { EngineTool } from '../engine-contestant.ts'
import { sqliteSettings, sqliteText } from '../sqlite-text.ts'

export const tool: EngineTool = {
  engine: 'SQLite',
  coalesces: false,
  open(file) {
    const database = new DatabaseSync(file, { timeout: 10_000 })
    database.exec(sqliteSettings)
    const prepared = new Map<string, StatementSync>()
    const rows = (text: string, values: readonly (number | string)[]): readonly Item[] => {
      const statement = prepared.get(text) ?? database.prepare(text)
      prepared.set(text, statement)
      // The table's columns.
      return statement.all(...values) as unknown as readonly Item[]
    }
    return {
      find: async (...key) => rows(sqliteText.find, key)[0],
      insert: async (...values) => only(rows(sqliteText.insert, values)),
      insertUnlessThere: async (...values) => rows(sqliteText.insertUnlessThere, values)[0],
      findAll: async (keys) =>
        rows(
          sqliteText.findAll(keys.length),
          keys.flatMap(({ owner, kind }) => [owner, kind]),
        ),
      insertAll: async (items) =>
        rows(
          sqliteText.insertAll(items.length),
          items.flatMap(({ owner, kind, label }) => [owner, kind, label]),
        ),
      onerow: fromNodeSqlite(database),
      close: async () => database.close(),
    }
  },
}
