import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import { getOrCreate, isOnerowError, keySql, table, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromBetterSqlite3 } from 'onerow/better-sqlite3'
import { sqlite } from 'onerow/sqlite'
import { fileContest } from './file-contest.ts'

interface Document {
  readonly id: number
  readonly userId: number
  readonly kind: string
  readonly file: Buffer | null
  readonly deletedAt: Date | null
}

const documents = table<Document, Pick<Document, 'userId' | 'kind'> & Partial<Document>>('document', {
  columns: {
    id: 'id',
    userId: 'user_id',
    kind: 'kind',
    file: 'file',
    deletedAt: {
      name: 'deleted_at',
      encode: (at: Date) => at.getTime(),
      decode: (stored: unknown) => new Date(Number(stored)),
    },
  },
  primaryKey: ['id'],
})
const identityCard = uniqueKey(documents, ['userId', 'kind'], {
  name: 'document_user_kind',
  condition: { kind: ['pan', 'aadhaar'], deletedAt: null },
})

const directory = await mkdtemp(join(tmpdir(), 'onerow-better-sqlite3-'))
after(() => rm(directory, { recursive: true }))

function opened(name = ':memory:'): Database.Database {
  const database = new Database(name)
  database.exec(
    'create table document (id integer primary key, user_id integer not null, kind text not null, file blob, deleted_at integer)',
  )
  database.exec(keySql(identityCard, sqlite))
  return database
}

// Runs a function outside of the caller's async context, as another request of the application would.
const outside = AsyncLocalStorage.snapshot()

const where = { userId: 7, kind: 'pan' } as const
const kinds = (database: Database.Database) =>
  database.prepare('select kind from document order by id').pluck().all()

test('a row is what better-sqlite3 itself gives, a key with a condition frees a removed row', async () => {
  const database = opened()
  const db = fromBetterSqlite3(database)
  const made = await getOrCreate(db, identityCard, { where, create: { file: Buffer.from([0, 255]) } })
  const stored = database.prepare(
    'select id, user_id as userId, kind, file, deleted_at as deletedAt from document',
  )
  assert.deepEqual(made, { row: stored.get(), created: true })
  const found = await getOrCreate(db, identityCard, { where })
  assert.deepEqual(found, { row: made.row, created: false })
  assert.deepEqual(Object.keys(found.row), Object.keys(made.row))

  const deletedAt = new Date(0)
  database.prepare('update document set deleted_at = ?').run(deletedAt.getTime())
  assert.equal((await getOrCreate(db, identityCard, { where })).created, true)
  const byId = uniqueKey(documents, ['id'], { name: 'document_pkey' })
  const removed = await getOrCreate(db, byId, {
    where: { id: made.row.id },
    create: { userId: 7, kind: 'pan' },
  })
  assert.deepEqual(removed.row.deletedAt, deletedAt)
  database.close()
})

test('with defaultSafeIntegers whole numbers come as bigint, as the user has set it', async () => {
  const database = opened().defaultSafeIntegers()
  database.exec('create unique index document_user on document (user_id)')
  const users = table<{ userId: bigint; kind: string }>('document', {
    columns: { userId: 'user_id', kind: 'kind' },
  })
  const byUser = uniqueKey(users, ['userId'], { name: 'document_user' })
  const wide = { userId: 9007199254740993n, kind: 'pan' }
  const call = () =>
    updateOrCreate(fromBetterSqlite3(database), byUser, {
      where: { userId: wide.userId },
      update: () => ({ kind: wide.kind }),
      create: { kind: wide.kind },
    })
  assert.deepEqual(await call(), { row: wide, created: true, outcome: 'created' })
  assert.deepEqual(await call(), { row: wide, created: false, outcome: 'unchanged' })
  database.close()
})

test('what better-sqlite3 does not bind is refused by its own error, and is no name of a parameter', async () => {
  const database = opened()
  for (const value of [true, new Date(0), { 1: 7 }, [7]])
    await assert.rejects(
      // What only a caller without types can pass.
      getOrCreate(fromBetterSqlite3(database), identityCard, { where: { ...where, userId: value as never } }),
      { name: 'TypeError', message: /SQLite3 can only bind numbers, strings, bigints, buffers, and null/ },
    )
  database.close()
})

test('a column renamed in the database only fails at once', async () => {
  const database = opened()
  await getOrCreate(fromBetterSqlite3(database), identityCard, { where })
  database.exec('alter table document rename column user_id to owner_id')
  await assert.rejects(
    getOrCreate(fromBetterSqlite3(database), identityCard, { where }),
    /no such column: "?user_id/,
  )
  database.close()
})

test('in a transaction that the caller has opened: rolled back with it, and a lost race loses nothing', async () => {
  const file = join(directory, 'transaction.db')
  const database = opened(file)
  database.exec('begin')
  const inside = fromBetterSqlite3(database)
  assert.equal((await getOrCreate(inside, identityCard, { where })).created, true)
  database.exec('rollback')
  assert.deepEqual(kinds(database), [])

  // The rival's row is committed before the caller's transaction reads, and found there after a refused insert would be.
  const rival = new Database(file)
  rival.prepare(`insert into document (user_id, kind) values (7, 'pan')`).run()
  await transaction(fromBetterSqlite3(database), async (tx) => {
    tx.client.prepare(`insert into document (user_id, kind) values (8, 'other')`).run()
    assert.equal((await getOrCreate(tx, identityCard, { where })).created, false)
    assert.throws(() => rival.exec('pragma busy_timeout = 0; begin immediate'), { code: 'SQLITE_BUSY' })
  })
  assert.deepEqual(kinds(rival), ['pan', 'other'])
  rival.close()
  database.close()
})

test('a rival in between, in a deferred transaction: told to run it again; in one of onerow it is run again', async () => {
  const file = join(directory, 'deferred.db')
  const database = opened(file)
  database.pragma('journal_mode = wal')
  const rival = new Database(file)
  database.exec('begin')
  assert.deepEqual(kinds(database), [])
  rival.prepare(`insert into document (user_id, kind) values (7, 'pan')`).run()
  await assert.rejects(getOrCreate(fromBetterSqlite3(database), identityCard, { where }), (error) => {
    assert.ok(isOnerowError(error) && error.kind === 'retry-transaction')
    assert.equal((error.cause as { code: string }).code, 'SQLITE_BUSY_SNAPSHOT')
    return true
  })
  database.exec('rollback')
  const again = await transaction(fromBetterSqlite3(database), (tx) =>
    getOrCreate(tx, identityCard, { where }),
  )
  assert.equal(again.created, false)
  rival.close()
  database.close()
})

test('a call from the function of database.transaction() is refused: that has committed before a call can run', async () => {
  const database = opened()
  const calls: Promise<unknown>[] = []
  const save = database.transaction((kind: string) => {
    database.prepare('insert into document (user_id, kind) values (1, ?)').run(kind)
    const db = fromBetterSqlite3(database)
    // A function as a value lets the call come further before its first `await`.
    calls.push(
      getOrCreate(db, identityCard, { where }),
      getOrCreate(db, identityCard, { where, create: () => ({}) }),
      updateOrCreate(db, identityCard, { where, update: () => ({}) }),
    )
    if (kind === 'refused') throw new Error('no such kind')
  })
  save('other')
  assert.throws(() => save('refused'), /no such kind/)
  // An async function is refused by better-sqlite3 itself, which rolls back; but what it has begun goes on.
  const saveAsync = database.transaction(async () => save('other'))
  assert.throws(() => saveAsync(), /Transaction function cannot return a promise/)
  assert.equal(calls.length, 9)
  for (const { status, reason } of await Promise.allSettled(calls).then(
    (all) => all as PromiseRejectedResult[],
  ))
    assert.match(
      `${status}: ${String(reason)}`,
      /^rejected: TypeError: The transaction in which fromBetterSqlite3 was called/,
    )
  assert.deepEqual(kinds(database), ['other'])
  database.close()
})

test('a call from there on a database made outside runs after it, by itself', async () => {
  const database = opened()
  const db = fromBetterSqlite3(database)
  let call: Promise<{ created: boolean }> | undefined
  const save = database.transaction(() => {
    call = getOrCreate(db, identityCard, { where })
    throw new Error('rolled back')
  })
  assert.throws(() => save(), /rolled back/)
  assert.equal((await call)?.created, true)
  assert.deepEqual(kinds(database), ['pan'])
  database.close()
})

test('a database that is made while a call has its own transaction open waits for its end, and is not refused', async () => {
  const database = opened()
  let other: Promise<{ created: boolean }> | undefined
  await getOrCreate(fromBetterSqlite3(database), identityCard, { where })
  await updateOrCreate(fromBetterSqlite3(database), identityCard, {
    where,
    update: () => {
      assert.equal(database.inTransaction, true)
      other = outside(() =>
        getOrCreate(fromBetterSqlite3(database), identityCard, { where: { userId: 7, kind: 'aadhaar' } }),
      )
      return { file: Buffer.from('a') }
    },
  })
  assert.equal((await other)?.created, true)
  assert.deepEqual(kinds(database), ['pan', 'aadhaar'])
  database.close()
})

for (const unique of [true, false]) {
  test(`64 callers in two processes on one file, ${unique ? 'with' : 'without'} the unique index`, async () => {
    const told: Record<string, unknown> = {}
    for (const call of ['select, then insert', 'in an immediate transaction', 'onerow']) {
      const file = join(directory, `${call} ${unique}.db`)
      const database = new Database(file)
      database.pragma('journal_mode = wal')
      database.exec('create table account (id integer primary key, email text not null, name text not null)')
      if (unique) database.exec('create unique index account_email on account (email)')
      const module = import.meta.resolve('./better-sqlite3-calls.ts')
      const callers = await fileContest({ module, export: 'openCalls', where: file, call })
      told[call] = { ...callers, rows: database.prepare('select count(*) from account').pluck().get() }
      database.close()
    }
    assert.deepEqual(told, {
      'select, then insert': unique
        ? { created: 1, SQLITE_CONSTRAINT_UNIQUE: 63, rows: 1 }
        : { created: 64, rows: 64 },
      'in an immediate transaction': { created: 1, found: 63, rows: 1 },
      onerow: unique ? { created: 1, found: 63, rows: 1 } : { 'key-not-enforced': 64, rows: 0 },
    })
  })
}
