import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createClient, LibsqlError } from '@libsql/client'
import type { Client, InStatement, TransactionMode } from '@libsql/client'
import { getOrCreate, isOnerowError, keySql, transaction, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { fromLibsql } from 'onerow/libsql'
import { sqlite } from 'onerow/sqlite'
import { byEmail } from '../accounts.ts'
import { fileContest } from './file-contest.ts'

// A statement that libsql 0.5 leaves in progress makes the next write on its connection be lost without a word. The first
// two tests are of libsql alone: when one of them fails, libsql has mended it, and the adapter can do without its care.

const create = { name: 'Ada' }

const directory = await mkdtemp(join(tmpdir(), 'onerow-libsql-busy-'))
after(() => rm(directory, { recursive: true }))

/** Two clients of one new file, neither of which waits for a lock. */
async function opened(name: string): Promise<readonly [client: Client, rival: Client]> {
  const url = `file:${join(directory, name)}`
  const client = createClient({ url, timeout: 0 })
  await client.executeMultiple(`
    pragma journal_mode = wal;
    create table account (id integer primary key, email text not null, name text not null);
    ${keySql(byEmail, sqlite)}
  `)
  return [client, createClient({ url, timeout: 0 })]
}

const insert = (email: string) => ({
  sql: 'insert into account (email, name) values (?, ?)',
  args: [email, create.name],
})
const emails = async (client: Client) =>
  (await client.execute('select email from account order by id')).rows.map(({ email }) => email)

test('libsql alone: after SQLITE_BUSY the next insert says that it is done, and is lost', async () => {
  const [client, rival] = await opened('busy-alone.db')
  const locked = await rival.transaction('write')
  await assert.rejects(client.execute(insert('a')), { code: 'SQLITE_BUSY' })
  await locked.commit()
  assert.equal((await client.execute(insert('b'))).rowsAffected, 1)
  assert.deepEqual(await emails(rival), [])
  client.close()
  assert.deepEqual(await emails(rival), [])
  rival.close()
})

test('libsql alone: after an EXPLAIN a connection does not see what others commit', async () => {
  const [client, rival] = await opened('explain-alone.db')
  await client.execute('explain query plan select * from account')
  assert.deepEqual(await emails(client), [])
  await rival.execute(insert('a'))
  assert.deepEqual(await emails(client), [])
  client.close()
  rival.close()
})

/** The client, which tells when a statement of its transactions has met a lock. */
function watched(client: Client, onBusy: () => void) {
  return {
    protocol: client.protocol,
    execute: (statement: InStatement) => client.execute(statement),
    executeMultiple: (sql: string) => client.executeMultiple(sql),
    async transaction(mode: TransactionMode) {
      const transaction = await client.transaction(mode)
      return {
        execute: (statement: InStatement) => transaction.execute(statement),
        commit: () => transaction.commit(),
        close: () => transaction.close(),
        async executeMultiple(sql: string) {
          try {
            await transaction.executeMultiple(sql)
          } catch (error) {
            if (error instanceof LibsqlError && error.code === 'SQLITE_BUSY') onBusy()
            throw error
          }
        },
      }
    },
  }
}

const where = { email: 'a' }
const calls: Readonly<Record<string, (db: Database) => Promise<{ readonly created: boolean }>>> = {
  getOrCreate: (db) => getOrCreate(db, byEmail, { where, create }),
  'updateOrCreate by function': (db) => updateOrCreate(db, byEmail, { where, update: () => create, create }),
  transaction: (db) => transaction(db, (tx) => getOrCreate(tx, byEmail, { where, create })),
}
for (const [name, call] of Object.entries(calls)) {
  test(`${name} that has met a lock: what it says to have created is there, and so is what follows`, async () => {
    const [client, rival] = await opened(`${name}.db`)
    const locked = await rival.transaction('write')
    const { promise: busy, resolve: onBusy } = Promise.withResolvers<void>()
    const calling = call(fromLibsql(watched(client, onBusy)))
    await busy
    await locked.commit()
    assert.equal((await calling).created, true)
    assert.deepEqual(await emails(rival), ['a'])
    await client.execute(insert('b'))
    await rival.execute(insert('c'))
    for (const one of [client, rival]) assert.deepEqual(await emails(one), ['a', 'b', 'c'])
    client.close()
    rival.close()
  })
}

test('on a connection that a statement of the caller has left so, a call fails, and is not lost', async () => {
  const [client, rival] = await opened('poisoned.db')
  const locked = await rival.transaction('write')
  const refused = client.execute(insert('b'))
  await assert.rejects(refused, { code: 'SQLITE_BUSY' })
  await locked.commit()
  const outcome = await getOrCreate(fromLibsql(client), byEmail, { where, create }).then(
    ({ created }) => ({ created }),
    (error: unknown) => ({ error: isOnerowError(error) && error.kind }),
  )
  // Which of them, is up to the garbage collector.
  if ('created' in outcome) assert.deepEqual([outcome, await emails(rival)], [{ created: true }, ['a']])
  else assert.deepEqual([outcome, await emails(rival)], [{ error: 'contention' }, []])
  client.close()
  rival.close()
})

for (const unique of [true, false]) {
  test(`64 callers in two processes on one file, ${unique ? 'with' : 'without'} the unique index`, async () => {
    const told: Record<string, unknown> = {}
    for (const call of ['select, then insert', 'onerow']) {
      const [client, rival] = await opened(`${call} ${unique}.db`)
      if (!unique) await client.execute('drop index account_email')
      client.close()
      const where = `file:${join(directory, `${call} ${unique}.db`)}`
      const module = import.meta.resolve('./libsql-calls.ts')
      const callers = await fileContest({ module, export: 'openCalls', where, call })
      told[call] = { ...callers, rows: (await emails(rival)).length }
      rival.close()
    }
    assert.deepEqual(told, {
      'select, then insert': unique
        ? { created: 1, SQLITE_CONSTRAINT: 63, rows: 1 }
        : { created: 64, rows: 64 },
      onerow: unique ? { created: 1, found: 63, rows: 1 } : { 'key-not-enforced': 64, rows: 0 },
    })
  })
}
