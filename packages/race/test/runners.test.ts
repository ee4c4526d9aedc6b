import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@onerow/servers'

// Each runner runs the same tests of an application that has this package installed, built as it is published.

const database = await testDatabase({ name: 'race_runners' })
// Within the package, so that the application finds the runners and pg.
const directory = mkdtempSync(fileURLToPath(new URL('.runners-', import.meta.url)))
after(async () => {
  rmSync(directory, { recursive: true })
  await database.drop()
})

const require = createRequire(import.meta.url)
const packageOf = (name: string) => dirname(require.resolve(`${name}/package.json`))

async function run(words: readonly string[], options = ''): Promise<string> {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _colour, ...environment } = process.env
  const child = spawn(process.execPath, words, {
    cwd: directory,
    env: { ...environment, NO_COLOR: '1', NODE_OPTIONS: options, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return (await Promise.all([text(child.stdout), text(child.stderr)])).join('')
}

function write(path: string, content: string): void {
  mkdirSync(dirname(`${directory}/${path}`), { recursive: true })
  writeFileSync(`${directory}/${path}`, content)
}

const installed = `${directory}/node_modules/@onerow/race`
const own = fileURLToPath(new URL('../', import.meta.url))
cpSync(`${own}/package.json`, `${installed}/package.json`, { recursive: true })
const built = await run([
  `${packageOf('typescript')}/bin/tsc`,
  '--project',
  `${own}/tsconfig.build.json`,
  '--outDir',
  `${installed}/dist`,
  '--tsBuildInfoFile',
  `${installed}/dist/.tsbuildinfo`,
])

const imports = `
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { exactlyOneRow, expectNoRace, explore } from '@onerow/race'
import { pgSessions } from '@onerow/race/pg'`
const requires = `
const { readFile } = require('node:fs/promises')
const pg = require('pg')
const { exactlyOneRow, expectNoRace, explore } = require('@onerow/race')
const { pgSessions } = require('@onerow/race/pg')`

const tests = `
const connectionString = process.env.DATABASE_URL

/** Each test has its own pool and table. */
async function withUploads(constraint, work) {
  const pool = new pg.Pool({ connectionString })
  const table = 'upload_' + Math.random().toString(36).slice(2)
  await pool.query('create table ' + table + ' (user_id integer ' + constraint + ')')
  const save = async () => {
    const { rows } = await pool.query('select from ' + table + ' where user_id = 7')
    if (rows.length === 0) await pool.query('insert into ' + table + ' values (7) on conflict do nothing')
  }
  try {
    await work({
      sessions: pgSessions(pg, { connectionString }),
      setup: () => pool.query('truncate ' + table),
      actors: { first: save, second: save },
      invariant: exactlyOneRow(() => pool.query('select from ' + table)),
    })
  } finally {
    await pool.end()
  }
}

test('with an index', () => withUploads('unique', expectNoRace), 60_000)
test('without one', () => withUploads('', expectNoRace), 60_000)
test('what Node throws is told by its code, though a runner may have an Error of its own', () =>
  withUploads('unique', async (options) => {
    const read = async () => {
      await options.actors.first()
      await readFile('/none/such')
    }
    const { errors } = await explore({ ...options, actors: { read } })
    const [kind] = errors.keys()
    if (!kind.startsWith('ENOENT: ')) throw new Error('told as ' + kind)
  }), 60_000)
`

write('package.json', '{ "private": true, "type": "module" }')
write(
  'node/race.test.js',
  `import { test as nodeTest } from 'node:test'${imports}
const test = (name, work) => nodeTest(name, work)
${tests}`,
)
write('vitest/race.test.js', `import { test } from 'vitest'${imports}\n${tests}`)
write('jest/race.test.js', `${imports}\n${tests}`)
write('jest-cjs/race.test.cjs', `${requires}\n${tests}`)

const vmModules = '--experimental-vm-modules'
const jest = `${packageOf('jest')}/bin/jest.js`
const runners: Readonly<
  Record<string, { readonly words: readonly string[]; readonly options?: string; readonly says: RegExp }>
> = {
  'node:test': {
    words: ['--test', '--test-reporter=spec', 'node/race.test.js'],
    says: /\nℹ pass 2\nℹ fail 1\n/,
  },
  Vitest: {
    words: [`${packageOf('vitest')}/vitest.mjs`, 'run', '--dir', 'vitest'],
    says: /Tests +1 failed \| 2 passed \(3\)\n/,
  },
  'Jest, ES modules': {
    words: [jest, 'jest/race.test.js'],
    options: vmModules,
    says: /\nTests: +1 failed, 2 passed, 3 total\n/,
  },
  'Jest, CommonJS': {
    words: [jest, 'jest-cjs/race.test.cjs'],
    options: vmModules,
    says: /\nTests: +1 failed, 2 passed, 3 total\n/,
  },
}

test('the package builds', () => assert.equal(built, ''))

for (const [name, { words, options, says }] of Object.entries(runners))
  test(`${name}: a race fails with its picture and a line to paste; where there is none, the test passes`, async () => {
    const output = await run(words, options)
    assert.match(output, says, output)
    assert.match(output, /RaceError\]?: first, second on pg/, output)
    assert.match(output, /\n +first +│ second\n/, output)
    assert.match(output, /To see it again: replay\(options, 'first second\*2 first'\)/, output)
    // The report is in the message, and nowhere else.
    assert.doesNotMatch(output, /report: |violations: \[/, output)
  })
