import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '../src/actor.ts'
import type { Footprint } from '../src/footprint.ts'
import type { Choose, Pending, Situation } from '../src/run.ts'
import { anyOf, randomFrom } from '../src/sample.ts'
import type { Fault } from '../src/schedule.ts'
import { formatSchedule } from '../src/schedule.ts'
import type { Choice } from '../src/schedule.ts'
import { Transactions } from '../src/transactions.ts'
import { Tree } from '../src/tree.ts'
import type { TreeOptions } from '../src/tree.ts'

type Programs = Readonly<Record<string, readonly string[]>>

interface Ran {
  readonly choices: readonly Choice[]
  readonly isComplete: boolean
}

/** What each actor does: statements that never wait and never fail, so that a tree can be walked without a server. */
type Prepared = readonly (readonly Pending[])[]

function prepared(programs: Programs, tried: readonly Fault[] = []): Prepared {
  const transactions = new Transactions({
    isolation: 'read committed',
    serializableBy: 'cycles',
    relations: { reads: new Map(), opaque: new Set() },
  })
  return Object.entries(programs).map(([actor, texts]) => {
    const session: Session = { id: () => undefined, cut: () => {} }
    return texts.map((text) => {
      const outgoing = { session, text, values: [] }
      const [footprint, faults] = [transactions.footprint(outgoing), transactions.faults(outgoing, tried)]
      transactions.go(outgoing)
      return { actor, text, values: [], footprint, faults }
    })
  })
}

function run(actors: Prepared, choose: Choose): Ran {
  const left = actors.map((steps) => [...steps])
  const choices: Choice[] = []
  let happened: readonly Footprint[] = []
  for (;;) {
    const ready = left.flatMap(([next]) => next ?? [])
    if (ready.length === 0) return { choices, isComplete: true }
    const choice = choose({ position: choices.length, happened, ready, waiting: [] })
    const next = choice && left.find(([first]) => first?.actor === choice.actor)?.shift()
    if (!choice || !next) return { choices, isComplete: false }
    happened = [next.footprint]
    choices.push(choice)
  }
}

function walk(
  programs: Programs,
  options: Partial<TreeOptions>,
): { readonly complete: readonly string[]; readonly cut: number } {
  const actors = prepared(programs, options.faults)
  const tree = new Tree({ isReduced: true, faults: [], mostFaults: 1, ...options })
  const complete: string[] = []
  let cut = 0
  let [hasMore, share] = [true, 0]
  while (hasMore) {
    const { choices, isComplete } = run(actors, tree.choose)
    if (isComplete) complete.push(formatSchedule(choices))
    else cut++
    hasMore = tree.next()
    assert.ok(share <= tree.share && tree.share <= 1, `${tree.share} after ${share}`)
    assert.equal(tree.share === 1, !hasMore)
    share = tree.share
  }
  assert.deepEqual(tree.surprises, [])
  assert.equal(new Set(complete).size, complete.length, 'no schedule comes twice')
  return { complete, cut }
}

const getOrCreate = ['begin', 'select * from race', 'insert into race values (1)', 'commit']

test('two actors of four steps have 70 orders', () => {
  const { complete, cut } = walk({ a: getOrCreate, b: getOrCreate }, { isReduced: false })
  assert.deepEqual([complete.length, cut], [70, 0])
})

test('three actors of four steps have 34,650 orders; 114 of them differ, and 180 runs show it', () => {
  const programs = { a: getOrCreate, b: getOrCreate, c: getOrCreate }
  assert.equal(walk(programs, { isReduced: false }).complete.length, 34_650)
  const { complete, cut } = walk(programs, {})
  assert.deepEqual([complete.length, cut], [114, 66])
})

test('half of the tree is walked when the first of two choices has nothing more to it', () => {
  const actors = prepared({ a: ['delete from item'], b: ['delete from item', 'delete from item'] })
  const tree = new Tree({ isReduced: false, faults: [], mostFaults: 0 })
  const shares = Array.from({ length: 3 }, () => {
    run(actors, tree.choose)
    tree.next()
    return tree.share
  })
  // a b b; b a b and b b a.
  assert.deepEqual(shares, [1 / 2, 3 / 4, 1])
})

test('who concern nobody are run in one order', () => {
  const programs = {
    a: ['begin', 'insert into one values (1)', 'commit'],
    b: ['begin', 'insert into two values (1)', 'commit'],
  }
  const { complete } = walk(programs, {})
  assert.equal(complete.length, 1)
})

test('each step can go wrong, and no more than that in one schedule', () => {
  const { complete } = walk(
    { a: ['begin', 'delete from item', 'commit'] },
    { faults: ['rollback', 'cut-after'] },
  )
  assert.deepEqual(complete, ['a*3', 'a*2 a:rollback', 'a*2 a:cut-after', 'a a:rollback a'])
})

function item(reads: readonly string[], writes: readonly string[], publishes: readonly string[]): Footprint {
  return {
    reads: new Set(reads),
    writes: new Set(writes),
    publishes: new Set(publishes),
    isSnapshot: false,
    isOpaque: false,
    isOutside: false,
    isSerializable: false,
    isWatched: false,
    isDirty: false,
    isWaiting: false,
  }
}

test('a commit also does what the statement does that it lets go on', () => {
  // `holder` has a lock on table one; `waiter` waits for it with an autocommitted statement that writes in one and two.
  const commit = item([], [], ['one'])
  const waiting = item(['one', 'two'], ['one', 'two'], ['one', 'two'])
  const read = item(['two'], [], [])
  const tree = new Tree({ isReduced: true, faults: [], mostFaults: 0 })
  const ran: string[] = []
  do {
    const left = new Map([
      ['holder', commit],
      ['reader', read],
    ])
    const order: string[] = []
    let happened: readonly Footprint[] = []
    while (left.size > 0) {
      const ready = [...left].map(([actor, footprint]) => ({
        actor,
        footprint,
        text: actor,
        values: [],
        faults: [],
      }))
      const choice = tree.choose({ position: order.length, happened, ready, waiting: [] })
      if (!choice) break
      order.push(choice.actor)
      happened = choice.actor === 'holder' ? [commit, waiting] : [read]
      left.delete(choice.actor)
    }
    if (left.size === 0) ran.push(order.join(' '))
  } while (tree.next())
  assert.deepEqual(ran, ['holder reader', 'reader holder'])
})

test('samples are the same for the same seed, and others for another', () => {
  const faults: readonly Fault[] = ['rollback', 'cut-after']
  const sample = (seed: number) => {
    const random = randomFrom(seed)
    const actors = prepared({ a: getOrCreate, b: getOrCreate }, faults)
    return Array.from({ length: 200 }, () => {
      const { choices, isComplete } = run(actors, anyOf(random, { faults, mostFaults: 1 }))
      assert.ok(isComplete)
      return choices
    })
  }
  const [first, again, other] = [sample(1), sample(1), sample(2)]
  assert.deepEqual(first, again)
  assert.notDeepEqual(first, other)
  const wrong = first.map((choices) => choices.filter(({ fault }) => fault))
  assert.ok(wrong.every(({ length }) => length <= 1))
  const chosen = new Set(wrong.flat().map(({ fault }) => fault))
  assert.deepEqual(chosen, new Set(faults))
})

test('without faults, the sampler draws every order sooner or later', () => {
  const random = randomFrom(3)
  const actors = prepared({ a: getOrCreate, b: getOrCreate })
  const drawn = new Set<string>()
  for (let sample = 0; sample < 2000; sample++) drawn.add(formatSchedule(run(actors, anyOf(random)).choices))
  assert.equal(drawn.size, 70)
})

test('a statement that waits may be killed, if that is asked for', () => {
  const situation: Situation = {
    position: 1,
    happened: [],
    ready: [{ actor: 'a', footprint: item([], [], []), text: 'commit', values: [], faults: [] }],
    waiting: [{ actor: 'b', waitsFor: ['a'] }],
  }
  const draw = (faults: readonly Fault[]) =>
    Array.from({ length: 100 }, (_, seed) => anyOf(randomFrom(seed), { faults })(situation))
  assert.ok(draw(['kill']).some((choice) => choice?.actor === 'b' && choice.fault === 'kill'))
  assert.ok(draw([]).every((choice) => choice?.actor === 'a'))
})
