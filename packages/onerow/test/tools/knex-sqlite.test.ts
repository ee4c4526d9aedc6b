import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import createKnex from 'knex'
import { getOrCreate, transaction, uniqueKey, updateOrCreate, verifyKeys } from 'onerow'
import { fromKnex, knexTable } from 'onerow/knex'

interface Race {
  readonly id: number
  readonly slug: string
  readonly laps: number
  readonly deleted_at: string | null
}

const directory = await mkdtemp(join(tmpdir(), 'onerow-knex-'))
const filename = join(directory, 'races.db')
const knex = createKnex({
  client: 'better-sqlite3',
  connection: { filename },
  useNullAsDefault: true,
  acquireConnectionTimeout: 20_000,
})
// Not of node:sqlite: two copies of SQLite in one process do not see each other's locks.
const rival = new Database(filename, { timeout: 0 })
after(async () => {
  await knex.destroy()
  rival.close()
  await rm(directory, { recursive: true })
})

await knex.raw('pragma journal_mode = wal')
await knex.raw('pragma foreign_keys = on')
await knex.raw('pragma busy_timeout = 0')
await knex.schema.createTable('race', (race) => {
  race.increments('id')
  race.text('slug').notNullable()
  race.integer('laps').notNullable()
  race.text('deleted_at')
  // A key as a migration of Knex makes it.
  race.unique(['slug'], {
    indexName: 'race_slug',
    useConstraint: false,
    predicate: knex.whereNull('deleted_at'),
  })
})
await knex.raw('create table lap (race_id integer references race (id) deferrable initially deferred)')

const races = knexTable<Race, Omit<Race, 'id'>>(knex, 'race', {
  columns: { id: true, slug: true, laps: true, deleted_at: true },
  primaryKey: ['id'],
})
const bySlug = uniqueKey(races, ['slug'], { name: 'race_slug', condition: { deleted_at: null } })
const values = (slug: string) => ({ where: { slug }, create: { laps: 1 } })
const racesOf = (slug: string) => knex<Race>('race').where({ slug })

test('a key of a migration, by table.unique() with a predicate', async () => {
  assert.deepEqual(await verifyKeys(fromKnex(knex), [bySlug]), [])
  const { row } = await getOrCreate(fromKnex(knex), bySlug, values('?1'))
  assert.deepEqual(await racesOf('?1'), [row])
  await knex('race').where({ id: row.id }).update({ deleted_at: 'now' })
  const again = await getOrCreate(fromKnex(knex), bySlug, values('?1'))
  assert.deepEqual([again.created, (await racesOf('?1')).length], [true, 2])
})

test("a transaction of onerow's has the write lock from its start", async () => {
  const db = fromKnex(knex)
  await transaction(db, async (tx) => {
    assert.throws(() => rival.exec('begin immediate'), /database is locked/)
    await tx.client('race').insert({ slug: 'locked', laps: 0 })
    const { row } = await updateOrCreate(tx, bySlug, {
      where: { slug: 'locked' },
      update: ({ laps }) => ({ laps: laps + 1 }),
      create: { laps: 0 },
    })
    assert.equal(row.laps, 1)
  })
  assert.equal((await racesOf('locked')).length, 1)
})

test("while another writes, onerow's transaction is not begun, and its work not called", async () => {
  rival.exec('begin immediate')
  let calls = 0
  const work = transaction(fromKnex(knex), async () => void calls++, { attempts: 2 })
  await assert.rejects(work, { kind: 'contention' })
  rival.exec('rollback')
  assert.equal(calls, 0)
})

test('a COMMIT that fails leaves no open transaction behind on the one connection', async () => {
  const heard: unknown[] = []
  const hear = ({ __knexTxId }: { readonly __knexTxId?: string }) => heard.push(__knexTxId)
  const work = transaction(fromKnex(knex), async (tx) => {
    await getOrCreate(tx, bySlug, values('uncommitted'))
    await tx.client('lap').insert({ race_id: -1 })
  })
  await assert.rejects(work, { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  knex.once('query', hear)
  assert.deepEqual([await racesOf('uncommitted'), heard], [[], [undefined]])
  assert.equal((await getOrCreate(fromKnex(knex), bySlug, values('uncommitted'))).created, true)
  // Committed, so that another connection sees it; in what plain Knex leaves behind it would not be.
  const seen = rival.prepare('select slug from race where slug = ?').all('uncommitted')
  assert.equal(seen.length, 1)
})

test("in a transaction of Knex's own, which is deferred, a rival that comes between ends it in retry-transaction", async () => {
  const work = knex.transaction((trx) =>
    getOrCreate(fromKnex(trx), bySlug, {
      where: { slug: 'between' },
      create() {
        rival.exec(`insert into race (slug, laps) values ('between', 5)`)
        return { laps: 1 }
      },
    }),
  )
  await assert.rejects(work, { kind: 'retry-transaction' })
  const { row, created } = await getOrCreate(fromKnex(knex), bySlug, values('between'))
  assert.deepEqual([row.laps, created], [5, false])
})

test("an error is Knex's, without the values: one cannot pass for what the database says", async () => {
  const slug = 'UNIQUE constraint failed: race.slug'
  const work = getOrCreate(fromKnex(knex), bySlug, { where: { slug }, create: { laps: null as never } })
  await assert.rejects(work, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SQLITE_CONSTRAINT_NOTNULL')
    return !error.message.includes(slug)
  })
  await assert.rejects(knex('race').insert({ slug, laps: null }), ({ message }: Error) =>
    message.includes(slug),
  )
})
