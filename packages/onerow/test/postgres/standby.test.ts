import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPostgres } from '@onerow/servers'
import { getOrCreate, getOrCreateMany, table, transaction, uniqueKey } from 'onerow'
import type { Database } from 'onerow'
import { fromPg } from 'onerow/pg'
import pg from 'pg'
import { causes } from '../../src/causes.ts'
import { rejected } from '../../src/conformance/rejected.ts'
import { errorCode } from '../faults/error-code.ts'

interface Account {
  readonly id: number
  readonly email: string
}

const accounts = table<Account, Omit<Account, 'id'>>('account', { columns: { id: 'id', email: 'email' } })
const email = uniqueKey(accounts, ['email'], { name: 'account_email' })
const where = { email: 'a' }

/** The ways to a row by a plain read, once the key is one of which a hundred calls in a row were hits. */
const ways: { readonly [name: string]: (db: Database) => Promise<unknown> } = {
  'a call alone': (db) => getOrCreate(db, email, { where }),
  'calls at once': (db) => Promise.all(Array.from({ length: 16 }, () => getOrCreate(db, email, { where }))),
  'a transaction': (db) => transaction(db, (tx) => getOrCreate(tx, email, { where })),
  'a list': (db) => getOrCreateMany(db, email, [{ where }]),
}

// The index has its number there, too, and the rows are those of a while ago.
test('a primary becomes a standby: no call answers a row of it, whatever was expected of the next call', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'onerow-standby-'))
  // The server's own user gets there.
  await chmod(parent, 0o755)
  await using closing = new AsyncDisposableStack()
  closing.defer(() => rm(parent, { recursive: true }))
  const dataDirectory = join(parent, 'data')
  const primary = await startPostgres({ dataDirectory })
  closing.defer(() => primary.stop())
  const pool = new pg.Pool({ connectionString: primary.url })
  pool.on('error', () => undefined)
  closing.defer(() => pool.end())
  await pool.query('create table account (id serial primary key, email text not null)')
  await pool.query('create unique index account_email on account (email)')
  const db = fromPg(pool)
  for (let n = 0; n < 110; n++) await getOrCreate(db, email, { where })
  await primary.stop()

  const signal = join(dataDirectory, 'standby.signal')
  await writeFile(signal, '')
  const { uid, gid } = statSync(dataDirectory)
  await chown(signal, uid, gid)
  const standby = await startPostgres({ dataDirectory, port: primary.port })
  closing.defer(() => standby.stop())
  assert.deepEqual((await pool.query('select email from account')).rows, [where])
  for (const [name, call] of Object.entries(ways)) {
    const error = await rejected(call(db))
    assert.ok([...causes(error)].map(errorCode).includes('25006'), `${name}: ${error.message}`)
  }
})
