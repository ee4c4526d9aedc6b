import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isolationtester } from '@onerow/race'
import pg from 'pg'
import { openTwoCards, violationOf } from './two-cards.ts'

const cards = await openTwoCards('race_isolationtester')
after(() => cards[Symbol.asyncDispose]())

interface Spec {
  readonly blocks: readonly { readonly word: string; readonly sql: string }[]
  readonly sessions: readonly {
    readonly name: string
    readonly steps: readonly { readonly name: string; readonly sql: string }[]
  }[]
  readonly permutations: readonly (readonly string[])[]
}

/** As PostgreSQL's src/test/isolation/specscanner.l reads it: a block of SQL ends at the first closing brace. */
function parse(text: string): Spec {
  const blocks: { word: string; sql: string }[] = []
  const sessions: { name: string; steps: { name: string; sql: string }[] }[] = []
  const permutations: string[][] = []
  const token =
    /\s*(?:(?<word>setup|teardown|session|step|permutation)|"(?<name>[^"\n]*)"|\{\s*(?<sql>[^}]*?)\s*\})/y
  let [word, name] = ['', '']
  while (text.slice(token.lastIndex).trim() !== '') {
    const at = token.lastIndex
    const { groups = {} } = token.exec(text) ?? assert.fail(`no token: ${text.slice(at, at + 60)}`)
    if (groups['word'] !== undefined) {
      word = groups['word']
      if (word === 'permutation') permutations.push([])
    } else if (groups['name'] !== undefined) {
      name = groups['name']
      if (word === 'session') sessions.push({ name, steps: [] })
      if (word === 'permutation') permutations.at(-1)?.push(name)
    } else {
      const sql = groups['sql'] ?? ''
      if (word === 'step') sessions.at(-1)?.steps.push({ name, sql })
      else blocks.push({ word, sql })
    }
  }
  return { blocks, sessions, permutations }
}

const surroundings = { setup: 'truncate card;', teardown: 'truncate card;' }

test('a session for each actor, its statements with their values, and the order of the schedule', async () => {
  const { run } = await violationOf(cards.indexed, 'first*3 second*3 first*2 second')
  assert.equal(
    isolationtester(run, surroundings),
    `setup { truncate card; }

teardown { truncate card; }

session "first"
step "1_first" { begin; }
step "2_first" { select * from card where user_id = '7' and document_type = 'PAN_CARD'; }
step "3_first" { insert into card (user_id, document_type) values ('7', 'PAN_CARD'); }
step "8_first" { commit; }

session "second"
step "4_second" { begin; }
step "5_second" { select * from card where user_id = '7' and document_type = 'PAN_CARD'; }
step "6_second" { insert into card (user_id, document_type) values ('7', 'PAN_CARD'); }
step "9_second" { rollback; }

permutation "1_first" "2_first" "3_first" "4_second" "5_second" "6_second" "8_first" "9_second"
`,
  )
})

test('its steps, run as they stand, end as those of the run: the one that waited fails', async () => {
  const { run } = await violationOf(cards.indexed, 'first*3 second*3 first*2 second')
  const { blocks, sessions, permutations } = parse(isolationtester(run, surroundings))
  const clients = new Map(sessions.map(({ name }) => [name, new pg.Client({ connectionString: cards.url })]))
  for (const client of clients.values()) await client.connect()
  for (const { word, sql } of blocks) if (word === 'setup') await cards.pool.query(sql)
  const ended: (readonly [string, string])[] = []
  const waiting: Promise<unknown>[] = []
  for (const step of permutations[0] ?? []) {
    const session = sessions.find(({ steps }) => steps.some(({ name }) => name === step))
    const sql = session?.steps.find(({ name }) => name === step)?.sql ?? ''
    const done = clients
      .get(session?.name ?? '')
      ?.query(sql)
      .then(
        () => ended.push([step, 'done']),
        (error: unknown) =>
          ended.push([step, error instanceof Error && 'code' in error ? String(error.code) : '?']),
      )
    // The only one that waits for another.
    if (step === '6_second') waiting.push(done ?? Promise.resolve())
    else await done
  }
  await Promise.all(waiting)
  for (const client of clients.values()) await client.end()
  assert.deepEqual(
    new Map(ended),
    new Map([
      ...['1_first', '2_first', '3_first', '4_second', '5_second'].map((step) => [step, 'done'] as const),
      ['8_first', 'done'],
      ['6_second', '23505'],
      ['9_second', 'done'],
    ]),
  )
})

const kinds: Readonly<Record<string, readonly unknown[]>> = {
  integer: [7, -7, '7', null],
  bigint: [9_007_199_254_740_993n],
  numeric: ['12.50', 0.1],
  'double precision': [1e21, Number.NaN, Number.POSITIVE_INFINITY],
  boolean: [true, false],
  text: [
    "O'Brien",
    'a brace } and { another',
    'back\\slash \\n \\',
    "both \\' and }",
    'two\nlines\tand a tab\r\u0001',
    '$1 and ? and $$',
    '-- no comment /* none */',
    'Zoë 🦊 \u0085',
    '',
    7,
    true,
    undefined,
  ],
  timestamptz: [new Date('2026-02-03T04:05:06.789Z'), new Date('1969-07-20T20:17:40Z')],
  timestamp: [new Date('2026-07-03T04:05:06.789Z')],
  bytea: [Buffer.from([0, 1, 125, 255]), new Uint8Array([39, 92])],
  jsonb: [{ a: { b: ["it's }", null, 1.5] } }, '"text"'],
  'text[]': [['a', 'b,c', '"quoted" \\ }', null, ''], []],
  'integer[]': [
    [
      [1, 2],
      [3, 4],
    ],
  ],
  'bytea[]': [[Buffer.from([1, 2])]],
  'timestamptz[]': [[new Date('2026-02-03T04:05:06.789Z')]],
}

test('a literal means what the parameter meant, of every kind', async () => {
  let count = 0
  for (const [type, values] of Object.entries(kinds))
    for (const value of values) {
      await cards.pool.query(`drop table if exists kind; create table kind (value ${type})`)
      const insert = () => cards.pool.query('insert into kind values ($1) -- a comment, with a }', [value])
      const setup = () => cards.pool.query('truncate kind')
      const { run } = await violationOf({ ...cards.checked, setup, actors: { one: insert } }, 'one')
      const [step] = parse(isolationtester(run, surroundings)).sessions[0]?.steps ?? []
      // Without values, `pg` sends it by the simple protocol, as isolationtester does.
      await cards.pool.query(step?.sql ?? '')
      const { rows } = await cards.pool.query(
        'select value::text, count(*)::integer from kind group by value',
      )
      assert.deepEqual(
        [rows.length, (rows[0] as { count: number } | undefined)?.count],
        [1, 2],
        `${type}: ${step?.sql}`,
      )
      count++
    }
  assert.ok(count > 30)
})

test('closing braces in the text of a statement do not end it', async () => {
  const text = `select '{1,2}'::integer[] as "a}b", E'\\x7b}' as c, $tag$ d} $tag$ as d /* } */, $1::text as e`
  const actor = () => cards.pool.query(text, ['}'])
  const { run } = await violationOf({ ...cards.checked, actors: { one: actor } }, 'one')
  const [step] = parse(isolationtester(run, surroundings)).sessions[0]?.steps ?? []
  const { rows } = await cards.pool.query(step?.sql ?? '')
  assert.deepEqual(rows, [{ 'a}b': [1, 2], c: '{}', d: ' d} ', e: '}' }])
})

test('an actor with two connections has two sessions', async () => {
  const actor = async () => {
    const [outer, inner] = [await cards.pool.connect(), await cards.pool.connect()]
    try {
      await outer.query('select 1')
      await inner.query('select 2')
    } finally {
      outer.release()
      inner.release()
    }
  }
  const { run } = await violationOf({ ...cards.checked, actors: { one: actor } }, 'one*2')
  const { sessions, permutations } = parse(isolationtester(run, surroundings))
  assert.deepEqual(
    sessions.map(({ name, steps }) => [name, steps.length]),
    [
      ['one', 1],
      ['one_2', 1],
    ],
  )
  assert.deepEqual(permutations, [['1_one', '2_one_2']])
})

test('a step that was not sent is left out; a cut connection cannot be written', async () => {
  const rolledBack = await violationOf(cards.checked, 'first*2 first:rollback first second*5')
  assert.doesNotMatch(isolationtester(rolledBack.run, surroundings), /3_first/)
  const cut = await violationOf(cards.checked, 'first*4 first:cut-after second*4')
  assert.throws(() => isolationtester(cut.run, surroundings), /"cut-after", which isolationtester cannot do/)
})
