import assert from 'node:assert/strict'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import type { Sample } from './engine-sql.ts'
import { createKey } from './items.ts'
import { rejectedByTool } from './rejected.ts'
import { createThings } from './things.ts'

/** Stores the sample with the tool and with onerow, and compares. Answers whether the tool takes such a value. */
async function isTaken(engine: Engine, { type, value, other, noKey }: Sample): Promise<boolean> {
  const { byId, byValue, store, read } = await createThings(engine, type)
  const byOnerow = () => getOrCreate(engine.db, byId, { where: { id: 2 }, create: { value } })
  try {
    await store(1, value)
  } catch {
    await rejectedByTool(byOnerow())
    return false
  }
  const expected = await read(1)
  const made = await byOnerow()
  assert.deepEqual([made.created, made.row.value, await read(2)], [true, expected, expected], type)
  const found = await byOnerow()
  assert.deepEqual([found.created, found.row.value], [false, expected], type)

  await store(3, other)
  const update = () => updateOrCreate(engine.db, byId, { where: { id: 2 }, update: { value: other } })
  const changed = await update()
  assert.deepEqual(
    [changed.outcome, changed.row.value, await read(2)],
    ['updated', await read(3), await read(3)],
    type,
  )
  assert.equal((await update()).outcome, 'unchanged', type)

  await engine.execute(`delete from ${byId.table.name}`)
  if (noKey) return true
  await createKey(engine, byValue)
  for (const [looked, create] of [
    [value, {}],
    [other, () => ({})],
  ] as const) {
    const lookUp = () =>
      getOrCreate(engine.db, byValue, { where: { value: looked ?? assert.fail() }, create })
    const [first, second] = [await lookUp(), await lookUp()]
    assert.deepEqual([first.created, second.created, second.row], [true, false, first.row], type)
  }
  return true
}

interface Event {
  readonly id: number
  readonly happenedAt: Date
  readonly tags: readonly string[] | null
  readonly isPublic: boolean
}

const coded = {
  happenedAt: {
    name: 'happened_at',
    encode: (at: Date) => at.toISOString(),
    decode: (stored: unknown) => new Date(String(stored)),
  },
  tags: {
    name: 'tag_list',
    encode: (tags: readonly string[]) => tags.join(),
    decode: (stored: unknown) => String(stored).split(','),
  },
  isPublic: {
    name: 'is_public',
    encode: (isPublic: boolean) => (isPublic ? 'yes' : 'no'),
    decode: (stored: unknown) => stored === 'yes',
  },
}

export const storedValueCases: readonly Case[] = [
  {
    id: 'U01',
    name: 'a value that its column rounds: updated, and answered as it is stored',
    async run(engine) {
      const { byId, store, read } = await createThings(engine, 'decimal(10, 2)')
      await store(1, '1.5')
      const where = { id: 1 }
      const byValue = await updateOrCreate(engine.db, byId, { where, update: { value: '1.119' } })
      assert.deepEqual([byValue.outcome, byValue.row.value], ['updated', await read(1)])
      const byFunction = await updateOrCreate(engine.db, byId, {
        where,
        update: () => ({ value: '2.229' }),
        create: { value: '0' },
      })
      assert.deepEqual([byFunction.outcome, byFunction.row.value], ['updated', await read(1)])
    },
  },
  {
    id: 'G06',
    name: 'values of every type are stored, returned and looked up as the data tool itself does it',
    async run(engine) {
      const taken: string[] = []
      for (const sample of engine.sql.samples) {
        if (await isTaken(engine, sample)) taken.push(sample.type)
      }
      // Every tool takes these; what else one refuses, onerow on it has refused too.
      assert.ok(taken.includes(engine.sql.types.text) && taken.length >= 4, `only ${taken.join()}`)
    },
  },
  {
    id: 'G06',
    name: 'renamed columns and codecs: in the key, in its condition, in create and in update; not called for null',
    async run(engine) {
      const { id, text } = engine.sql.types
      const name = engine.uniqueName('event')
      await engine.execute(
        `create table ${name} (id ${id}, happened_at ${text} not null, tag_list ${text}, is_public ${text} not null)`,
      )
      const events = table<Event, Omit<Event, 'id'>>(name, { columns: { id: 'id', ...coded } })
      const key = uniqueKey(events, ['happenedAt'], { name: `${name}_key`, condition: { isPublic: true } })
      await createKey(engine, key)
      const where = { happenedAt: new Date('2026-02-28T23:59:59.123Z') }

      const made = await getOrCreate(engine.db, key, { where, create: { tags: ['a', 'b'] } })
      assert.deepEqual({ ...made.row }, { id: made.row.id, ...where, tags: ['a', 'b'], isPublic: true })
      const [stored] = await engine.execute(`select happened_at, tag_list, is_public from ${name}`)
      assert.deepEqual(
        { ...stored },
        { happened_at: '2026-02-28T23:59:59.123Z', tag_list: 'a,b', is_public: 'yes' },
      )
      const found = await getOrCreate(engine.db, key, { where, create: () => ({ tags: null }) })
      assert.deepEqual([found.created, found.row], [false, made.row])

      const update = (tags: readonly string[] | null) =>
        updateOrCreate(engine.db, key, { where, update: { tags } })
      assert.equal((await update(['a', 'b'])).outcome, 'unchanged')
      const changed = await update(['c'])
      assert.deepEqual([changed.outcome, changed.row.tags], ['updated', ['c']])
      const cleared = await update(null)
      assert.deepEqual([cleared.outcome, cleared.row.tags], ['updated', null])
      assert.equal((await update(null)).outcome, 'unchanged')
      const added = await updateOrCreate(engine.db, key, {
        where,
        update: (current) => ({ tags: [...(current.tags ?? []), String(current.happenedAt.getTime())] }),
        create: { tags: null },
      })
      assert.deepEqual(added.row.tags, [String(where.happenedAt.getTime())])
    },
  },
]
