import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explore } from '@onerow/race'
import { hasMariadb } from '@onerow/servers'
import { brokenPromises, countOf, unseenRaces } from '../src/broken-promises.ts'
import { cellName, cellsOf } from '../src/cell.ts'
import type { Cell, Way } from '../src/cell.ts'
import { documentOf } from '../src/document.ts'
import { openPostgresEngine } from '../src/postgres-engine.ts'
import { replayCell } from '../src/replay-cell.ts'
import { optionsOf } from '../src/run-cell.ts'
import { runProofs } from '../src/run-proofs.ts'

// All cells take minutes; these take seconds, and have all that the document tells apart.
const isWanted = ({ level, verb, scope, cast }: Cell): boolean =>
  level.name === 'read committed' &&
  ['getOrCreate', 'updateOrCreate, a function that counts'].includes(verb.name) &&
  scope === 'transaction' &&
  ['two callers', 'two callers, the row is there', 'two, and one that deletes'].includes(cast.name)

const runs = await runProofs(isWanted, () => {})
const noMariadb = hasMariadb() ? false : 'MariaDB is not installed: apt-get install mariadb-server'

for (const { engine, results } of runs) {
  const sum = (way: Way, kind: Parameters<typeof countOf>[1]) =>
    results
      .filter(({ cell }) => cell.way === way)
      .reduce((count, { report }) => count + countOf(report, kind), 0)

  test(`${engine}: by hand, there are two rows and lost updates; onerow keeps its promise in each schedule`, () => {
    assert.ok(sum('naive', 'duplicates') > 0)
    assert.ok(sum('check', 'duplicates') > 0)
    assert.equal(sum('index', 'duplicates'), 0)
    assert.ok(sum('index', 'lost update') > 0)
    assert.deepEqual(brokenPromises(results), [])
  })

  test(`${engine}: two callers were run in all their orders`, () => {
    const ofTwo = results.filter(({ cell }) => !cell.cast.rival)
    assert.deepEqual(
      ofTwo.filter(({ report }) => !report.isExhaustive).map(({ cell }) => cellName(cell)),
      [],
    )
  })

  test(`${engine}: a broken promise is seen, and told with the picture and the line to replay it`, () => {
    const lying = results
      .filter(({ cell }) => cell.way === 'naive')
      .map(({ cell, report }) => ({ report, cell: { ...cell, way: 'onerow' as const } }))
    const told = brokenPromises(lying).join('\n')
    assert.match(told, /There are 2 rows with the key/)
    assert.match(told, /npm run proofs -- '.* \/ onerow' '[a-z0-9* ]+'/)
  })

  test(`${engine}: an error that onerow should not let out is seen`, () => {
    const lying = results
      .filter(({ cell, report }) => cell.way === 'index' && report.errors.size > 0)
      .map(({ cell, report }) => ({ report, cell: { ...cell, way: 'onerow' as const } }))
    assert.match(brokenPromises(lying).join('\n'), /ended with "(23505|ER_DUP_ENTRY): /)
  })

  test(`${engine}: if no code by hand makes two rows, that is told, too`, () => {
    const tame = results
      .filter(({ cell }) => cell.way === 'index')
      .map(({ cell, report }) => ({ report, cell: { ...cell, way: 'naive' as const } }))
    assert.match(unseenRaces(tame).join('\n'), /has seen no race at all/)
  })
}

test('both engines were run', { skip: noMariadb }, () => {
  assert.deepEqual(
    runs.map(({ engine }) => engine.replace(/ .*/, '')),
    ['PostgreSQL', 'MariaDB'],
  )
})

test('the schedules that the document draws are replayed by the lines above them', async () => {
  const lines = [...documentOf(runs).matchAll(/^`npm run proofs -- '(?<cell>.*)' '(?<schedule>.*)'`$/gm)]
  assert.equal(lines.length, 2)
  for (const { groups: { cell = '', schedule = '' } = {} } of lines)
    assert.match(await replayCell(cell, schedule), /There are 2 rows with the key/)
})

test('after a hundred like calls the first statement for the key is another, in each schedule', async () => {
  await using engine = await openPostgresEngine()
  const cells = cellsOf(engine).filter(
    (cell) =>
      cell.level.name === 'read committed' &&
      cell.verb.name === 'getOrCreate' &&
      cell.cast.name === 'two callers',
  )
  const firsts = {
    onerow: { autocommit: /^with onerow_found/, transaction: /^with onerow_found/ },
    hits: { autocommit: /^select .*::regclass = /, transaction: /^select .* pg_index_has_property/ },
    misses: { autocommit: /^insert /, transaction: /^insert / },
  }
  await using arena = await engine.open(engine.levels[0] ?? assert.fail())
  for (const cell of cells) {
    if (!(cell.way in firsts)) continue
    const seen: string[] = []
    await explore({
      ...optionsOf(arena, cell),
      limit: 6,
      samples: 0,
      invariant: ({ steps }) => {
        const { text = '' } = steps.find((step) => step.text.includes('"race"')) ?? {}
        seen.push(text.trim().replaceAll(/\s+/g, ' '))
      },
    })
    assert.ok(seen.length > 1)
    const first = firsts[cell.way as keyof typeof firsts]
    const scope = cell.scope === 'autocommit' ? 'autocommit' : 'transaction'
    for (const text of seen) assert.match(text, first[scope], cellName(cell))
  }
})
