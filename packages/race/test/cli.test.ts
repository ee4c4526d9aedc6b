import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { WriteStream } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@onerow/servers'
import { startProgress } from '../src/cli/progress.ts'

const database = await testDatabase({ name: 'race_cli' })
// Within the package, so that the files find what they import.
const directory = mkdtempSync(fileURLToPath(new URL('.cli-', import.meta.url)))
after(async () => {
  rmSync(directory, { recursive: true })
  await database.drop()
})

/** What a user would write, but for the connection string. */
const prelude = `
import { exactlyOneRow } from '@onerow/race'
import { pgSessions } from '@onerow/race/pg'
import pg from 'pg'

const connectionString = process.env.DATABASE_URL ?? ''
const pool = new pg.Pool({ connectionString })
await pool.query('create table if not exists document (user_id integer); create table if not exists card (user_id integer unique)')

async function save(table: string): Promise<void> {
  const { rows } = await pool.query(\`select from \${table} where user_id = $1\`, [7])
  if (rows.length === 0) await pool.query(\`insert into \${table} values ($1)\`, [7])
}
const on = (table: string) => ({
  sessions: pgSessions(pg, { connectionString }),
  setup: () => pool.query(\`truncate \${table}\`),
  actors: { first: () => save(table), second: () => save(table) },
  invariant: exactlyOneRow(() => pool.query(\`select * from \${table}\`)),
})
export const end = () => pool.end()
`

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function file(name: string, program: string): string {
  writeFileSync(`${directory}/${name}`, program)
  return name
}

async function run(...words: readonly string[]): Promise<Outcome> {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', cli, ...words], {
    cwd: directory,
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { code, stdout, stderr }
}

const broken = file('broken.ts', `${prelude}\nexport default on('document')\n`)
const sound = file('sound.ts', `${prelude}\nexport default async () => on('card')\n`)
const both = file('both.ts', `${prelude}\nexport default { 'no index': on('document'), index: on('card') }\n`)

test('a violation: the report, and exit code 1', async () => {
  const { code, stdout, stderr } = await run(broken, '--reduction', 'none')
  assert.deepEqual([code, stderr], [1, ''])
  assert.match(stdout, /^broken\n\nfirst, second on pg, PostgreSQL [\d.]+: 6 schedules run/)
  assert.match(stdout, /The invariant broke in 4 of them\.\n/)
  assert.match(stdout, /To see it again: replay\(options, 'first second\*2 first'\)\n/)
})

test('no violation: exit code 0; nothing at all with --quiet; a promise is waited for', async () => {
  const { code, stdout } = await run(sound)
  assert.equal(code, 0)
  assert.match(stdout, /\nThe invariant held after each\.\n/)
  assert.deepEqual(await run(sound, '--quiet'), { code: 0, stdout: '', stderr: '' })
})

test('several by name, each reported; --only chooses one', async () => {
  const all = await run(both)
  assert.equal(all.code, 1)
  assert.deepEqual(all.stdout.match(/^(no index|index)$/gm), ['no index', 'index'])
  const one = await run(both, '--only', 'index')
  assert.deepEqual([one.code, one.stdout.match(/^(no index|index)$/gm)], [0, ['index']])
  const none = await run(both, '--only', 'other')
  assert.deepEqual([none.code, none.stderr], [2, 'both.ts has no "other"; it has no index, index.\n'])
})

test('--replay runs one schedule', async () => {
  const { code, stdout } = await run(broken, '--replay', 'first second*2 first')
  assert.equal(code, 1)
  assert.match(stdout, /: 1 schedule run \(by request\)/)
  const wrong = await run(broken, '--replay', 'third')
  assert.equal(wrong.code, 2)
  assert.match(
    wrong.stderr,
    /^broken: The schedule names "third", and the actors are first, second\.[^\n]*\n$/,
  )
  const misfit = await run(broken, '--replay', 'first*3')
  assert.deepEqual([misfit.code, misfit.stdout], [2, ''])
  assert.match(misfit.stderr, /^The schedule does not fit\. At step 3, "first" is to go on, and has no step/)
  assert.doesNotMatch(misfit.stderr, /\n +at /)
  const unclear = await run(both, '--replay', 'first')
  assert.match(
    unclear.stderr,
    /^Which of them is to be replayed\? Say --only with one of: no index, index\.\n$/,
  )
})

test('--html and --json write the report; of several, each its own', async () => {
  await run(broken, '--html', 'race.html', '--json', 'race.json')
  assert.match(readFileSync(`${directory}/race.html`, 'utf8'), /^<!doctype html>/)
  const { violations } = JSON.parse(readFileSync(`${directory}/race.json`, 'utf8')) as {
    violations: { replay: string }[]
  }
  assert.equal(violations[0]?.replay, 'first second*2 first')
  await run(both, '--json', 'each.json', '--quiet')
  for (const [name, count] of Object.entries({ 'each-no-index.json': true, 'each-index.json': false })) {
    const report = JSON.parse(readFileSync(`${directory}/${name}`, 'utf8')) as { violations: unknown[] }
    assert.equal(report.violations.length > 0, count)
  }
})

test('--limit, --samples, --seed and --faults are heeded', async () => {
  const drawn = await run(broken, '--reduction', 'none', '--limit', '2', '--samples', '3', '--seed', '5')
  assert.match(drawn.stdout, /: 5 schedules run \(there are more; seed 5\)/)
  const faulty = await run(sound, '--faults', 'cut-before')
  assert.match(faulty.stdout, /\d+ × an actor ended with/)
})

test('--isolation explores at each of the levels', async () => {
  const { code, stdout } = await run(sound, '--isolation', 'read committed, serializable')
  assert.equal(code, 0)
  assert.match(stdout, /^sound, read committed\n\n.*, PostgreSQL [\d.]+, read committed: /)
  assert.match(stdout, /^sound, serializable\n\n.*, PostgreSQL [\d.]+, serializable: /m)
})

test("the README's first use runs as it stands", async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, program = ''] = /<!-- first-use -->\n```ts\n(.*?)^```$/ms.exec(readme) ?? []
  const [, shown = ''] = /<!-- first-report -->\n```\n(.*?)^```$/ms.exec(readme) ?? []
  const { code, stdout } = await run(file('race.ts', program))
  assert.equal(code, 1)
  const comparable = (report: string) =>
    report
      .replace(/PostgreSQL [\d.]+/, '')
      .replace(/in [\d.]+ s/, '')
      .trimEnd()
  assert.equal(comparable(stdout), comparable(shown))
})

const misuses: Readonly<Record<string, readonly [words: readonly string[], says: RegExp]>> = {
  'no file': [[], /^Name a file whose default export is what to explore: onerow-race race\.ts\n$/],
  'an unknown option': [[broken, '--twice'], /^Unknown option '--twice'/],
  'no number': [[broken, '--limit', 'ten'], /^--limit takes a whole number, not "ten"\.\n$/],
  'an unknown fault': [
    [broken, '--faults', 'flood'],
    /^--faults takes rollback, cut-before.*; not "flood"\.\n$/,
  ],
  'an unknown level': [
    [broken, '--isolation', 'snapshot'],
    /^--isolation takes read uncommitted, .*serializable, with commas between; not "snapshot"\.\n$/,
  ],
  'a schedule at several levels': [
    [broken, '--isolation', 'read committed,serializable', '--replay', 'first second'],
    /^At which level is it to be replayed\? Say --isolation with one\.\n$/,
  ],
  'an unknown reduction': [
    [broken, '--reduction', 'some'],
    /^--reduction is "none" or "sleep sets", not "some"\.\n$/,
  ],
  'no such file': [['none.ts'], /^none\.ts cannot be imported: Cannot find module/],
  'no TypeScript': [
    [file('wrong.ts', 'export default {')],
    /^wrong\.ts cannot be imported: .*\n(.*\n)*Does "node wrong\.ts" run it\?\n$/,
  ],
  'no default export': [
    [file('none-such.ts', 'export const a = 1')],
    /^none-such\.ts has no default export\. Write: export default \{ sessions,/,
  ],
  'no object': [
    [file('list.ts', 'export default []')],
    /^The default export of list\.ts is to be an object .*; it is a list\.\n$/,
  ],
  'nothing in it': [[file('empty.ts', 'export default {}')], /^The default export of empty\.ts is empty/],
  'a field that is not there': [
    [file('lacks.ts', 'export default { one: { setup() {}, actors: {}, sessions: { open() {} } } }')],
    /^"one" of lacks\.ts lacks\n- invariant: a function that throws or answers false where something is wrong\n$/,
  ],
}

for (const [what, [words, says]] of Object.entries(misuses))
  test(`${what}: exit code 2, and what to do`, async () => {
    const { code, stdout, stderr } = await run(...words)
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, says)
  })

test('an actor who waits for ever: exit code 2, who waits for what, and no stack', async () => {
  const stuck = file(
    'stuck.ts',
    `${prelude}
async function leave(): Promise<void> {
  const client = await pool.connect()
  await client.query('begin')
  await client.query('insert into card values (8)')
}
export default { ...on('card'), patience: 300, setup: () => {}, actors: { first: leave, second: leave } }
export { forgotten as end }
const forgotten = () => undefined
`.replace('export const end = () => pool.end()', ''),
  )
  const { code, stdout, stderr } = await run(stuck)
  assert.deepEqual([code, stdout], [2, ''], stdout + stderr)
  assert.match(stderr, /^Nothing happens any more:\n- first has ended\.\n- second /)
  assert.doesNotMatch(stderr, /\n +at /)
})

test('--help', async () => {
  const { code, stdout } = await run('--help')
  assert.equal(code, 0)
  assert.match(stdout, /^onerow-race: .*\n\nUsage: onerow-race <file>/)
})

/** What is written while progress is shown three times, so many milliseconds after the start. */
function written(
  properties: { readonly isTTY?: boolean; readonly columns?: number },
  name = 'cards',
): string {
  const terminal = Object.assign(new PassThrough(), {
    getColorDepth: () => WriteStream.prototype.getColorDepth(),
    ...properties,
  })
  let time = 50
  const { show, end } = startProgress(terminal, name, () => time)
  for (const [at, progress] of [
    [1050, { schedules: 1, violations: 0, share: 0.01 }],
    [1060, { schedules: 2, violations: 0, share: 0.02 }],
    [9050, { schedules: 120, violations: 3, share: 0.509 }],
  ] as const) {
    time = at
    show(progress)
  }
  end()
  return String(terminal.read() ?? '')
}

/** With these variables alone: CI, TMUX, COLORTERM and many more decide on colours. */
function inEnvironment<Result>(variables: Readonly<Record<string, string>>, work: () => Result): Result {
  const before = process.env
  process.env = { TERM: 'xterm-256color', ...variables }
  try {
    return work()
  } finally {
    process.env = before
  }
}

const clear = '\r\u001b[K'

test('on a terminal, a bar in its place, not drawn too often, gone at the end, without colour if so asked', () => {
  const bar = (environment: Readonly<Record<string, string>>) =>
    inEnvironment(environment, () => written({ isTTY: true }).split(clear))
  assert.deepEqual(bar({ NO_COLOR: '1' }), [
    '',
    `${'░'.repeat(24)} cards: about 1 %, 1 schedules, 0 violations, 1 s`,
    `${'█'.repeat(12)}${'░'.repeat(12)} cards: about 50 %, 120 schedules, 3 violations, 9 s`,
    '',
  ])
  assert.ok(bar({})[2]?.startsWith(`\u001b[31m${'█'.repeat(12)}\u001b[39m░`))
})

test('the bar has one line, however narrow the terminal and long the name', () => {
  for (const columns of [40, 80, 200]) {
    const all = inEnvironment({ NO_COLOR: '1' }, () => written({ isTTY: true, columns }, 'x'.repeat(300)))
    const lengths = all.split(clear).map((line) => line.length)
    assert.ok(Math.max(...lengths) < columns, `${lengths.join(', ')} of ${columns}`)
  }
})

test('elsewhere, a plain line every five seconds', () => {
  const line = 'cards: about 50 %, 120 schedules, 3 violations, 9 s\n'
  assert.equal(written({}), line)
  assert.equal(
    inEnvironment({ TERM: 'dumb' }, () => written({ isTTY: true })),
    line,
  )
})
