import assert from 'node:assert/strict'
import type { Database } from '../database.ts'
import { getOrCreateMany } from '../get-or-create-many.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { updateOrCreateMany } from '../update-or-create-many.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import type { Sample } from './engine-sql.ts'
import { createItemTable, createKey } from './items.ts'
import { kindsOfKey } from './key-kinds.ts'
import { rejectedAs } from './rejected.ts'
import { createThings } from './things.ts'

type Things = Awaited<ReturnType<typeof createThings>>

interface ThingCall {
  readonly where: { readonly id: number }
  readonly create: { readonly value: unknown }
}

/** The ways to store several things. */
const ways: readonly ((
  db: Database,
  things: Things,
  calls: readonly ThingCall[],
) => Promise<readonly { readonly row: { readonly value: unknown }; readonly created: boolean }[]>)[] = [
  (db, { byId }, calls) => getOrCreateMany(db, byId, calls),
  (db, { byId }, calls) =>
    updateOrCreateMany(
      db,
      byId,
      calls.map(({ where, create }) => ({ where, update: create })),
    ),
  (db, { byId }, calls) => Promise.all(calls.map((call) => getOrCreate(db, byId, call))),
]

/** Stores the sample with the tool and with lists, and compares. Answers whether the tool takes such a value. */
async function isTaken(engine: Engine, { type, value, other, noKey }: Sample): Promise<boolean> {
  const things = await createThings(engine, type)
  const { name, store, read, byId, byValue } = things
  const callsFrom = (id: number): readonly ThingCall[] =>
    [value, other, value].map((sample, index) => ({ where: { id: id + index }, create: { value: sample } }))
  try {
    await store(1, value)
  } catch {
    await rejectedAs('row-failed', getOrCreateMany(engine.db, byId, callsFrom(11)))
    return false
  }
  await store(2, other)
  const expected = [await read(1), await read(2), await read(1)]
  for (const [index, way] of ways.entries()) {
    const calls = callsFrom(10 * (index + 1))
    for (const created of [true, false]) {
      const results = await way(engine.db, things, calls)
      assert.deepEqual(
        results.map((result) => [result.created, result.row.value]),
        expected.map((stored) => [created, stored]),
        type,
      )
    }
    assert.deepEqual(await Promise.all(calls.map(({ where }) => read(where.id))), expected, type)
  }
  await assertUpdated(engine, things, { value, other })
  if (noKey) return true
  await engine.execute(`delete from ${name}`)
  await createKey(engine, byValue)
  const looked = [value, other, value].map((sample) => ({ where: { value: sample ?? assert.fail() } }))
  const results = await getOrCreateMany(engine.db, byValue, looked)
  assert.deepEqual(
    results.map(({ created }) => created),
    [true, true, false],
    type,
  )
  const found = await getOrCreateMany(engine.db, byValue, looked)
  assert.deepEqual(
    found.map(({ row }) => row),
    results.map(({ row }) => row),
    type,
  )
  return true
}

async function assertUpdated(
  { db }: Engine,
  { byId, read }: Things,
  { value, other }: Pick<Sample, 'value' | 'other'>,
): Promise<void> {
  const calls = [
    { where: { id: 1 }, update: { value: other } },
    { where: { id: 2 }, update: { value } },
  ]
  const expected = [await read(2), await read(1)]
  for (const outcome of ['updated', 'unchanged']) {
    const results = await updateOrCreateMany(db, byId, calls)
    assert.deepEqual(
      results.map((result) => [result.outcome, result.row.value]),
      expected.map((stored) => [outcome, stored]),
    )
  }
  assert.deepEqual([await read(1), await read(2)], expected)
}

interface Note {
  readonly id: number
  readonly day: Date
  readonly state: string
  readonly revision: string
  readonly tags: readonly string[] | null
}

/** A table with codecs, in the key too, and values of its own to give. */
async function createNotes(engine: Engine) {
  const { id, text } = engine.sql.types
  const name = engine.uniqueName('note')
  await engine.execute(
    `create table ${name} (id ${id}, the_day ${text} not null, state ${text} not null, revision ${text} not null, tags ${text})`,
  )
  let revisions = 0
  const revise = () => `revision ${++revisions}`
  const notes = table<Note, Pick<Note, 'day'> & Partial<Note>>(name, {
    columns: {
      id: 'id',
      day: {
        name: 'the_day',
        encode: (day) => day.toISOString(),
        decode: (stored) => new Date(String(stored)),
      },
      state: { name: 'state', default: () => 'draft' },
      revision: { name: 'revision', default: revise, onUpdate: revise },
      tags: {
        name: 'tags',
        encode: (tags) => tags.join(),
        decode: (stored) => String(stored).split(','),
      },
    },
  })
  const byDay = uniqueKey(notes, ['day'], { name: `${name}_day` })
  await createKey(engine, byDay)
  return byDay
}

export const manyValueCases: readonly Case[] = [
  {
    id: 'G06',
    name: 'values of every type, in a list or in calls at the same time, are stored and returned as the data tool does it',
    async run(engine) {
      const taken: string[] = []
      for (const sample of engine.sql.samples) if (await isTaken(engine, sample)) taken.push(sample.type)
      assert.ok(taken.includes(engine.sql.types.text) && taken.length >= 4, `only ${taken.join()}`)
    },
  },
  {
    id: 'G06',
    name: "codecs and a table's own defaults, in a list and in calls at the same time",
    async run(engine) {
      const byDay = await createNotes(engine)
      const day = (number: number) => ({ day: new Date(Date.UTC(2026, 1, number)) })
      const calls = [
        { where: day(1), create: { tags: ['a', 'b'] } },
        { where: day(2), create: { tags: null } },
        { where: day(3), create: { state: 'given', tags: ['c'] } },
        { where: day(1), create: { tags: ['d'] } },
      ]
      const listed = await getOrCreateMany(engine.db, byDay, calls)
      const told = (results: typeof listed) =>
        results.map(({ row, created }) => [row.day.getUTCDate(), row.state, row.tags, created])
      assert.deepEqual(told(listed), [
        [1, 'draft', ['a', 'b'], true],
        [2, 'draft', null, true],
        [3, 'given', ['c'], true],
        [1, 'draft', ['a', 'b'], false],
      ])
      const found = await Promise.all(calls.map((call) => getOrCreate(engine.db, byDay, call)))
      assert.deepEqual(
        found.map(({ row }) => row),
        listed.map(({ row }) => row),
      )

      const update = (tags: readonly string[] | null) =>
        updateOrCreateMany(
          engine.db,
          byDay,
          [1, 2, 4].map((number) => ({ where: day(number), update: { tags } })),
        )
      const [first, again] = [await update(['a', 'b']), await update(['a', 'b'])]
      assert.deepEqual(
        first.map(({ row, outcome }) => [outcome, row.tags]),
        ['unchanged', 'updated', 'created'].map((outcome) => [outcome, ['a', 'b']]),
      )
      assert.deepEqual(
        first.map(({ row }, index) => row.revision === listed[index]?.row.revision),
        [true, false, false],
        'what every update sets is set when something changes',
      )
      assert.ok(again.every(({ outcome }) => outcome === 'unchanged'))
      assert.deepEqual(
        again.map(({ row }) => row),
        first.map(({ row }) => row),
      )
    },
  },
  ...kindsOfKey.map(({ name, make }): Case => ({
    id: 'K01',
    name: `a list answers as single calls do, for every kind of key: ${name}`,
    async run(engine) {
      const { key, call, many } = await make(engine)
      await createKey(engine, key)
      const { row: old } = await call(engine.db, 2)
      const results = await many(engine.db, [1, 2, 3, 1, 2])
      assert.deepEqual(
        results.map(({ created }) => created),
        [true, false, true, false, false],
      )
      const [first, second, third, ...repeated] = results.map(({ row }) => row)
      assert.equal(second?.id, old.id)
      assert.deepEqual(repeated, [first, second])
      for (const [number, row] of [first, second, third].entries())
        assert.deepEqual((await call(engine.db, number + 1)).row, row)
      assert.equal((await engine.execute(`select id from ${key.table.name}`)).length, 3)
      const inCalls = await Promise.all([3, 1, 2, 1, 3].map((number) => call(engine.db, number)))
      assert.deepEqual(
        inCalls.map(({ row }) => row),
        [third, first, second, first, third],
      )
    },
  })),
  {
    id: 'K03',
    name: 'soft delete, in lists: deleted rows free their keys, and are never returned',
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const alive = uniqueKey(items, ['owner', 'kind'], { name: `${name}_alive`, condition: { note: null } })
      await createKey(engine, alive)
      const calls = [1, 2, 3].map((owner) => ({ where: { owner, kind: 'a' }, create: { label: 'x' } }))
      const updates = calls.map((values) => ({ ...values, update: { amount: 5 } }))
      const first = await getOrCreateMany(engine.db, alive, calls)
      await engine.execute(`update ${name} set note = 'deleted' where owner_id = 2`)
      const second = await updateOrCreateMany(engine.db, alive, updates)
      assert.deepEqual(
        second.map(({ outcome }) => outcome),
        ['updated', 'created', 'updated'],
      )
      assert.deepEqual(
        second.map(({ row }, index) => row.id === first[index]?.row.id),
        [true, false, true],
      )
      await engine.execute(`update ${name} set note = 'deleted' where owner_id = 3`)
      const third = await getOrCreateMany(engine.db, alive, calls.toReversed())
      assert.deepEqual(
        third.map(({ created }) => created),
        [true, false, false],
      )
      assert.equal((await rows()).length, 5)
    },
  },
  {
    id: 'K04',
    name: 'a list with NULL in some lookups, of a key by which NULLs are equal',
    async run(engine) {
      const { items, name, rows } = await createItemTable(engine)
      const key = uniqueKey(items, ['note', 'owner'], { name: `${name}_key`, nulls: 'equal' })
      await createKey(engine, key)
      const notes = [null, 'n', null, '', 'n', null]
      const where = (note: string | null) => ({ note, owner: 1 })
      const create = { kind: 'a', label: 'x' }
      const made = await getOrCreateMany(
        engine.db,
        key,
        notes.map((note) => ({ where: where(note), create })),
      )
      assert.deepEqual(
        made.map(({ row, created }) => [row.note, created]),
        notes.map((note, index) => [note, notes.indexOf(note) === index]),
      )
      const updated = await updateOrCreateMany(
        engine.db,
        key,
        notes.map((note, index) => ({ where: where(note), update: { amount: index }, create })),
      )
      assert.deepEqual(
        updated.map(({ row, outcome }) => [row.note, row.amount, outcome]),
        notes.map((note, index) => [note, index, index === 0 ? 'unchanged' : 'updated']),
      )
      assert.equal((await rows()).length, 3)
    },
  },
]
