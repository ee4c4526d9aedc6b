import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createClient } from '@libsql/client'
import type { Client, Config } from '@libsql/client'
import {
  getOrCreate,
  isOnerowError,
  keySql,
  lower,
  table,
  transaction,
  uniqueKey,
  updateOrCreate,
  verifyKeys,
} from 'onerow'
import { fromLibsql } from 'onerow/libsql'
import { sqlite } from 'onerow/sqlite'

interface Track {
  readonly id: number
  readonly title: string
  /** In seconds; its name is that of a property which every row of libsql has. */
  readonly length: number
  readonly cover: ArrayBuffer | Uint8Array<ArrayBuffer> | null
  readonly deletedAt: Date | null
}

const tracks = table<Track, Pick<Track, 'title' | 'length'> & Partial<Track>>('track', {
  columns: {
    id: 'id',
    title: 'track_title',
    length: 'length',
    cover: 'cover',
    deletedAt: { name: 'deleted_at', decode: (stored: unknown) => new Date(Number(stored)) },
  },
  primaryKey: ['id'],
})
const byTitle = uniqueKey(tracks, ['title', 'length'], {
  name: 'track_title',
  condition: { deletedAt: null },
})

const directory = await mkdtemp(join(tmpdir(), 'onerow-libsql-'))
after(() => rm(directory, { recursive: true }))

async function opened(name: string | undefined, config: Partial<Config> = {}): Promise<Client> {
  const url = name === undefined ? ':memory:' : `file:${join(directory, name)}`
  const client = createClient({ url, timeout: 10_000, ...config })
  await client.executeMultiple(`
    pragma journal_mode = wal;
    create table track (id integer primary key, track_title text not null, length integer not null, cover blob, deleted_at integer);
    ${keySql(byTitle, sqlite)}
  `)
  return client
}

const where = { title: 'So What', length: 562 } as const
const titles = async (client: Client) =>
  (await client.execute('select track_title as title from track order by id')).rows.map(({ title }) => title)

test('a row has the values that libsql gives, each under its name, "length" too', async () => {
  const client = await opened(undefined)
  const made = await getOrCreate(fromLibsql(client), byTitle, {
    where,
    create: { cover: new Uint8Array([0, 255]) },
  })
  const cover = new Uint8Array([0, 255]).buffer
  const row = { id: 1, title: 'So What', length: 562, cover, deletedAt: null }
  assert.deepEqual(made, { row, created: true })
  assert.deepEqual(await getOrCreate(fromLibsql(client), byTitle, { where }), { row, created: false })

  // libsql itself binds a date as its milliseconds.
  const deletedAt = new Date('2026-02-28T23:59:59.123Z')
  const byId = uniqueKey(tracks, ['id'], { name: 'track_pkey' })
  const removed = await updateOrCreate(fromLibsql(client), byId, {
    where: { id: 1 },
    update: { deletedAt },
    create: where,
  })
  assert.deepEqual([removed.outcome, removed.row.deletedAt], ['updated', deletedAt])
  assert.equal((await getOrCreate(fromLibsql(client), byTitle, { where })).created, true)
  client.close()
})

for (const [intMode, value] of [
  ['bigint', 9007199254740993n],
  ['string', '9007199254740993'],
] as const) {
  test(`whole numbers come in the client's intMode: ${intMode}`, async () => {
    const client = await opened(undefined, { intMode })
    const lengths = table<{ title: string; length: bigint | string }>('track', {
      columns: { title: 'track_title', length: 'length' },
    })
    const key = uniqueKey(lengths, ['title', 'length'], { name: 'lengths' })
    await client.execute(keySql(key, sqlite))
    const row = { title: 'x', length: value }
    for (const created of [true, false])
      assert.deepEqual(await getOrCreate(fromLibsql(client), key, { where: row }), { row, created })
    assert.deepEqual(await verifyKeys(fromLibsql(client), [key]), [])
    client.close()
  })
}

test('what libsql does not bind is refused by its own error', async () => {
  const client = await opened('values.db')
  for (const [length, message] of [
    [{ 1: 7 }, /SQLite3 can only bind/],
    [Infinity, /Only finite numbers/],
    [1n << 64n, /too large/],
  ] as const)
    await assert.rejects(
      // What only a caller without types can pass.
      getOrCreate(fromLibsql(client), byTitle, { where: { ...where, length: length as never } }),
      message,
    )
  client.close()
})

test('a column renamed in the database only fails at once', async () => {
  const client = await opened('renamed.db')
  await getOrCreate(fromLibsql(client), byTitle, { where })
  await client.execute('alter table track rename column track_title to name')
  await assert.rejects(getOrCreate(fromLibsql(client), byTitle, { where }), /no such column: "?track_title/)
  client.close()
})

test('which index decides is told without the planner: not one of another collation, other columns, or another order', async () => {
  const client = await opened('indexes.db')
  const db = fromLibsql(client)
  const key = uniqueKey(tracks, ['title'], { name: 'by_title' })
  const problems = async () => (await verifyKeys(db, [key])).map(({ kind }) => kind)
  await client.execute('create unique index by_title on track (track_title collate nocase)')
  assert.notDeepEqual(await problems(), [])
  await assert.rejects(getOrCreate(db, key, { where: { title: 'a' }, create: { length: 1 } }), {
    kind: 'key-not-enforced',
  })
  await client.execute('create unique index binary_title on track (track_title)')
  assert.deepEqual(await problems(), [])
  const lowered = uniqueKey(tracks, [lower('title'), 'length'], { name: 'lowered' })
  assert.deepEqual(
    (await verifyKeys(db, [lowered])).map(({ kind }) => kind),
    ['missing-index'],
  )
  await client.execute('create unique index turned on track (length, lower(track_title))')
  assert.deepEqual(await verifyKeys(db, [lowered]), [])
  client.close()
})

test("in the caller's transaction: rolled back with it, on one connection, and nothing of the caller's is lost", async () => {
  const client = await opened('transaction.db', { concurrency: 1 })
  const tx = await client.transaction('write')
  assert.equal((await getOrCreate(fromLibsql(tx), byTitle, { where })).created, true)
  await tx.rollback()
  assert.deepEqual(await titles(client), [])

  const again = await client.transaction('write')
  await again.execute(`insert into track (track_title, length) values ('Blue in Green', 337)`)
  for (const created of [true, false])
    assert.equal((await getOrCreate(fromLibsql(again, { client }), byTitle, { where })).created, created)
  await again.commit()
  assert.deepEqual(await titles(client), ['Blue in Green', 'So What'])
  client.close()
})

test('a rival in between, in a deferred transaction: told to run it again; in one of onerow it is run again', async () => {
  const client = await opened('deferred.db')
  const rival = createClient({ url: `file:${join(directory, 'deferred.db')}` })
  const tx = await client.transaction('deferred')
  assert.equal((await tx.execute('select 1 from track')).rows.length, 0)
  await rival.execute({
    sql: 'insert into track (track_title, length) values (?, ?)',
    args: [where.title, where.length],
  })
  await assert.rejects(
    getOrCreate(fromLibsql(tx), byTitle, { where }),
    (error) => isOnerowError(error) && error.kind === 'retry-transaction',
  )
  await tx.rollback()
  const found = await transaction(fromLibsql(rival), (own) => getOrCreate(own, byTitle, { where }))
  assert.equal(found.created, false)
  rival.close()
  client.close()
})

test('a call that was not awaited is refused when its transaction has ended', async () => {
  const client = await opened('unawaited.db')
  let late: Promise<unknown> | undefined
  await transaction(fromLibsql(client), async (tx) => {
    await tx.client.execute('select 1')
    late = getOrCreate(tx, byTitle, { where })
  })
  await assert.rejects(late ?? assert.fail(), /transaction (has ended|is closed)/)
  assert.deepEqual(await titles(client), [])
  client.close()
})

for (const name of [undefined, 'beside.db']) {
  test(`the caller's own statements run beside calls, ${name ?? 'in memory'}: none is refused or waits for a lock`, async () => {
    const client = await opened(name, { timeout: 0 })
    const insert = 'insert into track (track_title, length) values (?, 1)'
    const all = Array.from({ length: 64 }, (_, number) => [
      getOrCreate(fromLibsql(client), byTitle, { where: { title: `call ${number}`, length: 0 } }),
      client.execute({ sql: insert, args: [`own ${number}`] }),
    ])
    await Promise.all(all.flat())
    assert.equal((await titles(client)).length, 128)
    client.close()
  })
}
