import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { explore } from '@onerow/race'
import { pictureOf } from '../src/picture.ts'
import { changed, openTwoCards, violationOf } from './two-cards.ts'

// The pictures are of real runs on PostgreSQL.

const cards = await openTwoCards('race_report')
after(() => cards[Symbol.asyncDispose]())

const actors = ['first', 'second']

test('a picture: a column for each actor, the values in their places, what came of each step', async () => {
  const { run } = await violationOf(cards.checked, 'first*3 second*5 first*2')
  assert.equal(
    `\n${pictureOf(run, actors)}\n`,
    `
    first                                         │ second
──────────────────────────────────────────────────┼──────────────────────────────────────────────
 1  begin                                         │
 2  select * from document where user_id = 7 and  │
      document_type = 'PAN_CARD'                  │
      → 0 rows                                    │
 3  insert into document (user_id, document_type) │
      values (7, 'PAN_CARD')                      │
      → 1 row                                     │
 4                                                │ begin
 5                                                │ select * from document where user_id = 7 and
                                                  │   document_type = 'PAN_CARD'
                                                  │   → 0 rows
 6                                                │ insert into document (user_id, document_type)
                                                  │   values (7, 'PAN_CARD')
                                                  │   → 1 row
 7                                                │ ◇ the file is stored
 8                                                │ commit
 9  ◇ the file is stored                          │
10  commit                                        │
`,
  )
})

test('a dotted line goes down the lane of who waits, up to where it goes on', async () => {
  const { run } = await violationOf(cards.indexed, 'first*3 second*3 first*2 second')
  assert.equal(
    `\n${pictureOf(run, actors)}\n`,
    `
   first                                     │ second
─────────────────────────────────────────────┼─────────────────────────────────────────────
1  begin                                     │
2  select * from card where user_id = 7 and  │
     document_type = 'PAN_CARD'              │
     → 0 rows                                │
3  insert into card (user_id, document_type) │
     values (7, 'PAN_CARD')                  │
     → 1 row                                 │
4                                            │ begin
5                                            │ select * from card where user_id = 7 and
                                             │   document_type = 'PAN_CARD'
                                             │   → 0 rows
6                                            │ insert into card (user_id, document_type)
                                             │   values (7, 'PAN_CARD')
                                             │ ┊ waits for first
7  ◇ the file is stored                      │ ┊
8  commit                                    │ ┊
                                             │ ┊ 6 goes on:
                                             │   → ✗ 23505: duplicate key value violates
                                             │     unique constraint
                                             │     "card_user_id_document_type_key"
9                                            │ rollback
                                             │ ✗ fails: 23505: duplicate key value violates
                                             │   unique constraint
                                             │   "card_user_id_document_type_key"
`,
  )
})

test('in a deadlock both wait, one fails, and the other goes on for that', async () => {
  await cards.pool.query('create table pair (id integer primary key, n integer)')
  await cards.pool.query('insert into pair values (1, 0), (2, 0)')
  const touch = (ids: readonly number[]) => async () => {
    const client = await cards.pool.connect()
    try {
      await client.query('begin')
      for (const id of ids) await client.query('update pair set n = 1 where id = $1', [id])
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  const options = { ...cards.checked, actors: { one: touch([1, 2]), two: touch([2, 1]) } }
  const { run } = await violationOf(options, 'one*2 two*2 one two')
  const picture = pictureOf(run, ['one', 'two'])
  // The server ends whichever has waited long enough first.
  assert.match(
    picture,
    /5 {2}update .*id = 2 +│\n +┊ waits for two +│\n6 {2}┊ +│ update .*id = 1\n +┊ +│ ┊ waits/,
  )
  assert.match(picture, /goes on:(.*\n)*.*40P01: deadlock detected(.*\n)*.*goes on:(.*\n)*.*→ 1 row/)
})

test('a statement that was ended while it waited', async () => {
  const { run, replay } = await violationOf(cards.indexed, 'first*3 second*3 second:kill first*2 second')
  assert.equal(replay, 'first*3 second*3 second:kill first*2 second')
  const picture = pictureOf(run, actors).split('\n').slice(15)
  assert.deepEqual(
    picture.map((line) => line.split(' │ ').map((cell) => cell.trim())),
    [
      ['', '┊ waits for first'],
      ['', '┊ ! the server is told to end this statement'],
      ['', '┊ 6 goes on:'],
      ['', '→ ✗ 57014: canceling statement due to user'],
      ['', 'request'],
      ['7  ◇ the file is stored', ''],
      ['8  commit', ''],
      ['9', 'rollback'],
      ['', '✗ fails: 57014: canceling statement due to user'],
      ['', 'request'],
    ].map(([left = '', right = '']) => (right === '' ? [`${left.padEnd(44)} │`.trim()] : [left, right])),
  )
})

test('a connection that was cut after a commit, and a step that was not sent', async () => {
  const cutAfter = await violationOf(cards.checked, 'first*4 first:cut-after second*4')
  assert.match(
    pictureOf(cutAfter.run, actors),
    /5 {2}commit +│\n +! done; the connection is cut before the +│\n +answer/,
  )
  const rolledBack = await violationOf(cards.checked, 'first:rollback first second*5')
  assert.match(
    pictureOf(rolledBack.run, actors),
    /^ ?1 {2}begin +│\n +! not sent; ended with an error instead/m,
  )
})

test('two actors keep to 100 columns, whatever they send; three go on with narrower ones', async () => {
  const say = (text: string) => () =>
    cards.pool.query('select $1 as said, $2::jsonb as more', [text, { a: [text] }])
  for (const names of [
    ['one', 'two'],
    ['one', 'two', 'three'],
  ]) {
    const options = {
      ...cards.checked,
      actors: Object.fromEntries(
        names.map((name) => [name, say(`${name} ${'long '.repeat(50)}${'x'.repeat(300)}`)]),
      ),
    }
    const { run } = await violationOf(options, names.join(' '))
    const lengths = pictureOf(run, names)
      .split('\n')
      .map((line) => line.length)
    assert.ok(Math.max(...lengths) <= 100, `${Math.max(...lengths)} columns`)
  }
})

test('nothing that a statement or an error holds moves the cursor', async () => {
  const actor = () => cards.pool.query('select $1 as said', ['\u001b[2Jgone\u202e\nand a new line'])
  const { run } = await violationOf({ ...cards.checked, actors: { one: actor } }, 'one')
  assert.equal(
    pictureOf(run, ['one']),
    `   one
────────────────────────────────────────────────────────
1  select '\\u{1b}[2Jgone\\u{202e} and a new line' as said
     → 1 row
       said: '\\u{1b}[2Jgone\\u{202e} and a new line'`,
  )
})

test('the text: what was run, the picture, what to paste', async () => {
  const report = await explore({ ...cards.checked, reduction: 'none' })
  const text = String(changed(report, { seconds: 1.25 }))
  assert.match(
    text,
    /^first, second on pg, PostgreSQL 18\.\d+: 252 schedules run \(all that matter\), in 1\.3 s\.\nThe invariant broke in 240 of them\.\n\n {4}first +│ second\n/,
  )
  assert.ok(
    text.endsWith(
      `\n\nThere is to be one row with the key; there are 2.\nTo see it again: replay(options, 'first*4 second*5 first')`,
    ),
    text.slice(-200),
  )
})

test('where nothing breaks, the text counts the errors', async () => {
  const report = await explore({ ...cards.indexed, reduction: 'none' })
  const text = String(changed(report, { seconds: 1 }))
  assert.match(
    text,
    /\nThe invariant held after each\.\n\d+ times, an actor could not be next: it was waiting for a lock\./,
  )
  assert.match(
    text,
    /\n\d+ × an actor ended with "23505: duplicate key value violates unique constraint [^\n]*$/,
  )
})

test('what went otherwise in two runs of one schedule is named, each once', async () => {
  const report = await explore(cards.checked)
  const surprises = [
    'step 2: a',
    'step 2: a',
    ...Array.from({ length: 6 }, (_, index) => `step ${index + 3}: b`),
  ]
  const text = String(changed(report, { surprises }))
  assert.match(text, /something else decides too .*:\n- step 2: a\n- step 3: b\n(- .*\n){3}- and 2 more$/)
})

test('for programs it is JSON, whatever the actors answer', async () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  const options = {
    ...cards.checked,
    actors: { ...cards.checked.actors, third: () => circular, fourth: () => 5n },
  }
  const { run, ...violation } = await violationOf(options, 'first*5 second*4')
  const report = changed(await explore(cards.checked), {
    violations: [
      { run, ...violation },
      { run: undefined, ...violation },
    ],
  })
  const { violations, errors } = JSON.parse(JSON.stringify(report)) as {
    violations: { steps: { text: string; answer: { count?: number } }[]; endings: object }[]
    errors: object
  }
  const [first, second] = violations
  assert.deepEqual(first?.endings, {
    first: {},
    second: {},
    third: { value: '[object Object]' },
    fourth: { value: '5' },
  })
  assert.deepEqual(first.steps.map(({ text, answer }) => [text.split(' ')[0], answer.count]).slice(0, 4), [
    ['begin', undefined],
    ['select', 0],
    ['insert', 1],
    ['the', undefined],
  ])
  assert.deepEqual(Object.keys(second ?? {}), ['replay', 'switches', 'error'])
  assert.deepEqual(errors, {})
})
