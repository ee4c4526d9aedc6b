import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { conformance } from 'onerow/conformance'
import { sqlite } from 'onerow/sqlite'
import { openNodeSqlite, openNodeSqliteOn } from './open-node-sqlite.ts'

const cannot = {
  'lost connections': 'SQLite has no connection that can be lost',
  'read replicas': 'SQLite has no replicas',
}

const memory = new DatabaseSync(':memory:')

conformance({
  test,
  after,
  name: 'node-sqlite on SQLite in memory',
  dialect: sqlite,
  where: ':memory:',
  open: openNodeSqliteOn(memory),
  cannot: {
    ...cannot,
    'several sessions': 'a database in memory has one connection',
    'several processes': 'a database in memory is seen by its own process only',
  },
})

const directory = await mkdtemp(join(tmpdir(), 'onerow-conformance-'))
const file = join(directory, 'conformance.db')
using database = new DatabaseSync(file)
// Readers do not wait for the writer; the file remembers it.
database.exec('pragma journal_mode = wal')

conformance({
  test,
  after,
  name: 'node-sqlite on SQLite, a file',
  dialect: sqlite,
  where: file,
  open: openNodeSqlite,
  worker: { module: import.meta.resolve('./open-node-sqlite.ts'), export: 'openNodeSqlite' },
  cannot,
})
after(() => memory.close())
after(() => rm(directory, { recursive: true }))
