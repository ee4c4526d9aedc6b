import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import { conformance } from 'onerow/conformance'
import { sqlite } from 'onerow/sqlite'
import { openBetterSqlite3, openBetterSqlite3On } from './open-better-sqlite3.ts'

const cannot = {
  'lost connections': 'SQLite has no connection that can be lost',
  'read replicas': 'SQLite has no replicas',
}

const memory = new Database(':memory:')

conformance({
  test,
  after,
  name: 'better-sqlite3 on SQLite in memory',
  dialect: sqlite,
  where: ':memory:',
  open: openBetterSqlite3On(memory),
  cannot: {
    ...cannot,
    'several sessions': 'a database in memory has one connection',
    'several processes': 'a database in memory is seen by its own process only',
  },
})

const directory = await mkdtemp(join(tmpdir(), 'onerow-conformance-'))
const file = join(directory, 'conformance.db')
const database = new Database(file)
// Readers do not wait for the writer; the file remembers it.
database.pragma('journal_mode = wal')

conformance({
  test,
  after,
  name: 'better-sqlite3 on SQLite',
  dialect: sqlite,
  where: file,
  open: openBetterSqlite3,
  worker: { module: import.meta.resolve('./open-better-sqlite3.ts'), export: 'openBetterSqlite3' },
  cannot,
})
after(() => {
  memory.close()
  database.close()
})
after(() => rm(directory, { recursive: true }))
