import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { documentOf, namesOf } from '../src/document.ts'

const root = new URL('../../../', import.meta.url)
const document = readFileSync(new URL('docs/support.md', root), 'utf8')
const tools = new Set([...document.matchAll(/^\| ([\w-]+) \|/gm)].map(([, tool]) => tool))

test('docs/support.md has a row for the tool of each conformance test', () => {
  for (const file of globSync('packages/onerow/test/conformance/*.test.ts', { cwd: root })) {
    const tool = file.replace(/^.*\/|\.test\.ts$/g, '')
    // The cluster is an engine of the mariadb driver's.
    assert.ok(tool === 'galera' || tools.has(tool), `${tool}: run \`npm run support\``)
  }
})

test('each pair is told with the cases that it ran and those that it skipped, and why', () => {
  const about = { pair: 'pg on PostgreSQL 18', name: 'a row matches' }
  const text = documentOf([
    { ...about, id: 'G01', outcome: 'passed' },
    { ...about, id: 'G18', outcome: 'skipped', reason: 'pg knows one server' },
    { ...about, id: 'K08', outcome: 'passed' },
    { ...about, pair: 'knex on SQLite', id: 'R01', outcome: 'passed' },
  ])
  assert.match(text, /^\| pg \| PostgreSQL 18 \| 1 −1 \| 0 \| 0 \| 0 \| 1 \| 0 \| 0 \|$/m)
  assert.match(text, /^\| knex \| SQLite \| 0 \| 0 \| 0 \| 0 \| 0 \| 0 \| 1 \|$/m)
  assert.match(text, /^- 1 × pg knows one server$/m)
})

test('the engine of a pair may have an "on" of its own', () => {
  assert.deepEqual(namesOf('mariadb on three Galera nodes'), ['mariadb', 'three Galera nodes'])
  assert.deepEqual(namesOf('node-sqlite on SQLite on a file'), ['node-sqlite', 'SQLite on a file'])
})
