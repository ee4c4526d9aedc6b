import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasMariadb } from '@onerow/servers'
import { brokenPromises } from '../src/broken-promises.ts'
import { documentOf } from '../src/document.ts'
import { raceSql } from '../src/race.ts'
import { rivalOf } from '../src/rival.ts'
import { runIsolation } from '../src/run-isolation.ts'
import type { EngineRun } from '../src/run-isolation.ts'
import type { Cell } from '../src/run-cell.ts'
import { openSqliteEngine } from '../src/sqlite-engine.ts'
import { within } from '../src/within.ts'

const runs = await runIsolation()
const noMariadb = hasMariadb() ? undefined : 'MariaDB is not installed: apt-get install mariadb-server'

for (const run of runs) {
  test(`${run.engine.name}: onerow keeps its promise in each of the races`, () => {
    assert.ok(run.cells.length > 400, `only ${run.cells.length} races`)
    assert.deepEqual(brokenPromises(run), [])
  })

  test(`${run.engine.name}: in most races the rival came in between or had to wait`, () => {
    const met = run.cells.filter(({ rival }) => rival !== 'never')
    assert.ok(met.length > run.cells.length * 0.8, `${met.length} of ${run.cells.length}`)
  })
}

test('docs/isolation.md is what the races give', { skip: noMariadb ?? false }, () => {
  const file = readFileSync(new URL('../../../docs/isolation.md', import.meta.url), 'utf8')
  assert.equal(withoutVersions(file), withoutVersions(documentOf(runs)), 'Run: npm run isolation')
})

/** Another release of an engine is another document only when it gives other results. */
function withoutVersions(text: string): string {
  return text.replaceAll(/(PostgreSQL|MariaDB|SQLite)[ -][\d.]+/gi, '$1')
}

test('a sentence that the races contradict is not written', { skip: noMariadb ?? false }, () => {
  const deceived = runs.map((run) => ({
    ...run,
    naive: run.naive.map((cell) => (cell.isUnique ? { ...cell, rows: 2 } : cell)),
  }))
  assert.throws(() => documentOf(deceived), /contradict .*there was never a second row/)
})

const [run] = runs
const created = run?.cells.find(({ way, told }) => way === 'transaction' && told.calls[0]?.word === 'created')
const stranger = { id: -1, userId: 'stranger', name: 'stranger', visits: 0 }

for (const [lie, change] of [
  ['2 rows have the key', ({ rows }) => ({ rows: [...rows, ...rows] })],
  ['there is no row', () => ({ rows: [] })],
  ['another row than the one in the table', () => ({ rows: [stranger] })],
  ['though the transaction was gone', () => ({ otherWrite: false })],
  ["the data tool's own error", () => ({ told: { calls: [{ word: 'error 23505', failure: 1 }] } })],
  ['retry-transaction outside', () => ({ way: 'retried', told: { calls: [{ word: 'retry-transaction' }] } })],
  ['no answer, but in the table is ours 0', () => ({ told: { calls: [{ word: 'contention' }] } })],
  ['an update is lost', ({ rows }) => ({ rows: rows.map((row) => ({ ...row, visits: 7 })) })],
] satisfies readonly (readonly [string, (cell: Cell) => Partial<Cell>])[]) {
  test(`a broken promise is seen: ${lie}`, () => {
    assert.ok(run && created)
    const seen = brokenPromises({ ...run, cells: [{ ...created, ...change(created) }] } satisfies EngineRun)
    assert.match(seen.join('\n'), new RegExp(lie))
    assert.deepEqual(brokenPromises({ ...run, cells: [created] }), [])
  })
}

test('a race that hangs ends with an error that names it', async () => {
  const never = new Promise(() => {})
  await assert.rejects(
    within(0, 'SQLite, getOrCreate', never),
    /^Error: SQLite, getOrCreate: it has not ended/,
  )
})

test('a rival who finds no row to change ends the run: there was no race', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onerow-rival-'))
  const engine = await openSqliteEngine(join(folder, 'race.db'))
  const [level = assert.fail()] = engine.levels
  const parties = await engine.open(level)
  const rival = rivalOf(engine, parties, { change: raceSql.delete, ends: 'commit' })
  await assert.rejects(rival.act(), /the rival changed no row/)
  await parties.close()
  await engine.close()
  rmSync(folder, { recursive: true })
})
