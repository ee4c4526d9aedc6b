import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createClient } from '@libsql/client'
import { conformance } from 'onerow/conformance'
import { sqlite } from 'onerow/sqlite'
import { openLibsql, openLibsqlOn } from './open-libsql.ts'

const cannot = {
  'lost connections': 'SQLite has no connection that can be lost',
  'read replicas': 'a client of a file knows no replica',
}

const memory = createClient({ url: ':memory:' })

conformance({
  test,
  after,
  name: 'libsql on SQLite in memory',
  dialect: sqlite,
  where: ':memory:',
  open: openLibsqlOn(memory),
  cannot: {
    ...cannot,
    'several sessions': 'a database in memory has one connection',
    'several processes': 'a database in memory is seen by its own process only',
  },
})

const directory = await mkdtemp(join(tmpdir(), 'onerow-conformance-'))
const url = `file:${join(directory, 'conformance.db')}`
const client = createClient({ url })
// Readers do not wait for the writer; the file remembers it.
await client.execute('pragma journal_mode = wal')

conformance({
  test,
  after,
  name: 'libsql on SQLite',
  dialect: sqlite,
  where: url,
  open: openLibsql,
  worker: { module: import.meta.resolve('./open-libsql.ts'), export: 'openLibsql' },
  cannot,
})
after(() => {
  memory.close()
  client.close()
})
after(() => rm(directory, { recursive: true }))
