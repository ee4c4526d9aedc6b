import assert from 'node:assert/strict'
import { createUnique } from '../create-unique.ts'
import { AlreadyExistsError } from '../errors.ts'
import { getOrCreate } from '../get-or-create.ts'
import { uniqueKey } from '../key.ts'
import { table } from '../table.ts'
import { updateOrCreate } from '../update-or-create.ts'
import type { Case } from './case.ts'
import type { Engine } from './engine.ts'
import { createKey } from './items.ts'

interface Note {
  readonly id: number
  readonly slug: string
  readonly body: string
  readonly state: string
  readonly revision: string
}

type NewNote = Pick<Note, 'slug'> & Partial<Note>

/** What a data tool makes of a row. */
class NoteRow {
  declare readonly revision: string
  readonly client: unknown

  constructor(values: object, client: unknown) {
    Object.assign(this, values)
    this.client = client
  }
}

/** A table of which the data tool has values of its own to give, as many ORMs do. */
async function createNotes(engine: Engine) {
  const { id, text } = engine.sql.types
  const name = engine.uniqueName('note')
  await engine.execute(
    `create table ${name} (id ${id}, slug ${text} not null, body ${text} not null, ` +
      `state ${text} not null, the_revision ${text} not null)`,
  )
  let revisions = 0
  const revise = () => `revision ${++revisions}`
  const notes = table<Note, NewNote>(name, {
    columns: {
      id: 'id',
      slug: 'slug',
      body: { name: 'body', default: () => 'empty' },
      state: { name: 'state', default: () => 'draft' },
      revision: {
        name: 'the_revision',
        encode: (value) => value.toUpperCase(),
        default: revise,
        onUpdate: revise,
      },
    },
    toRow: (values, client) => new NoteRow(values, client),
  })
  const bySlug = uniqueKey(notes, ['slug'], { name: `${name}_slug` })
  await createKey(engine, bySlug)
  return { name, bySlug, notes }
}

const where = { slug: 'first' }

export const columnDefaultCases: readonly Case[] = [
  {
    id: 'G06',
    name: "a table's own defaults stand where `create` gives nothing",
    async run(engine) {
      const { bySlug } = await createNotes(engine)
      const { row } = await getOrCreate(engine.db, bySlug, { where, create: { body: 'given' } })
      assert.deepEqual([row.body, row.state], ['given', 'draft'])
      assert.match(row.revision, /^REVISION \d+$/)
      const found = await getOrCreate(engine.db, bySlug, { where, create: () => ({ state: 'other' }) })
      assert.deepEqual([found.created, found.row.revision], [false, row.revision])
    },
  },
  {
    id: 'U06',
    name: 'what every update sets is set when something changes, and is no change itself',
    async run(engine) {
      const { bySlug } = await createNotes(engine)
      const update = async (body: string | (() => { body: string })) =>
        typeof body === 'string'
          ? updateOrCreate(engine.db, bySlug, { where, update: { body } })
          : updateOrCreate(engine.db, bySlug, { where, update: body, create: {} })
      const created = await update('first')
      const updated = await update('second')
      const unchanged = await update('second')
      const byFunction = await update(() => ({ body: 'third' }))
      const unchangedByFunction = await update(() => ({ body: 'third' }))
      const outcomes = [created, updated, unchanged, byFunction, unchangedByFunction].map(
        ({ outcome }) => outcome,
      )
      assert.deepEqual(outcomes, ['created', 'updated', 'unchanged', 'updated', 'unchanged'])
      const [first, second, third, fourth, fifth] = [
        created,
        updated,
        unchanged,
        byFunction,
        unchangedByFunction,
      ].map(({ row }) => row.revision)
      assert.notEqual(second, first)
      assert.equal(third, second)
      assert.notEqual(fourth, second)
      assert.equal(fifth, fourth)
    },
  },
  {
    id: 'K02',
    name: "the value that the key's condition leaves no choice about comes before the table's default",
    async run(engine) {
      const { name, notes } = await createNotes(engine)
      const published = uniqueKey(notes, ['slug'], {
        name: `${name}_published`,
        condition: { state: 'published' },
      })
      await createKey(engine, published)
      const { row } = await getOrCreate(engine.db, published, { where: { slug: 'second' } })
      assert.equal(row.state, 'published')
    },
  },
  {
    id: 'G06',
    name: "a row is what the table makes of it, with the tool's own object at hand",
    async run(engine) {
      const { bySlug } = await createNotes(engine)
      const { row } = await getOrCreate(engine.db, bySlug, { where })
      assert.ok(row instanceof NoteRow)
      assert.equal(row.client, engine.db.client)
      const given: unknown[] = []
      const { row: updated } = await updateOrCreate(engine.db, bySlug, {
        where,
        update: (current) => {
          given.push(current)
          return { body: `${current.body}, and more` }
        },
        create: {},
      })
      assert.ok(given[0] instanceof NoteRow && updated instanceof NoteRow)
      const error = await createUnique(engine.db, bySlug, { where }).catch((caught: unknown) => caught)
      assert.ok(error instanceof AlreadyExistsError && error.row instanceof NoteRow)
    },
  },
]
