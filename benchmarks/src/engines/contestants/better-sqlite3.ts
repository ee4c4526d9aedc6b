import Database from 'better-sqlite3'
import type { Statement } from 'better-sqlite3'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
import { only } from '../../contestant.ts'
import type { Item } from '../../item-table.ts'
import type { EngineTool } from '../engine-contestant.ts'
import { sqliteSettings, sqliteText } from '../sqlite-text.ts'

export const tool: EngineTool = {
  engine: 'SQLite',
  coalesces: false,
  open(file) {
    const database = new Database(file, { timeout: 10_000 })
    database.exec(sqliteSettings)
    const prepared = new Map<string, Statement<unknown[], Item>>()
    const rows = (text: string, values: readonly (number | string)[]): readonly Item[] => {
      const statement = prepared.get(text) ?? database.prepare<unknown[], Item>(text)
      prepared.set(text, statement)
      return statement.all(...values)
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
      onerow: fromBetterSqlite3(database),
      close: async () => void database.close(),
    }
  },
}
