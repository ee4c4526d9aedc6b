import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { installCommand, testMariadb } from '@onerow/servers'
import { Kysely, MysqlDialect, sql } from 'kysely'
import type { Generated } from 'kysely'
import { createPool } from 'mysql2'
import { getOrCreate, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromKysely, kyselyTable } from 'onerow/kysely'

interface Schema {
  account: { id: Generated<number>; email: string; note: string; seen_at: Date | null; bytes: Buffer | null }
  audit: { what: string }
}

const hostile = [
  `' or 1=1 -- `,
  `\\' or 1=1 -- `,
  `\\`,
  `a\\`,
  `'`,
  `''`,
  `"; drop table account; --`,
  'nul \0 tab \t line \n return \r escape \x1a backspace \b',
  '? ?? :name $1 %s `a` [b] /* c */',
  '誠 \u{1f98a} \u00bf\u0027 \u00bf\\',
  `{"json": "it's \\"quoted\\""}`,
]

const strict = 'STRICT_TRANS_TABLES'
// Alone: the waits that are counted below are those of its whole server.
const database = await testMariadb({ name: 'kysely', alone: true })

describe('kysely with mysql2 on MariaDB', { skip: database ? false : installCommand.mariadb }, () => {
  if (!database) return
  const open = (connectionLimit: number, mode = strict) => {
    const pool = createPool({ uri: database.url, connectionLimit })
    pool.on('connection', (connection) => void connection.query(`set session sql_mode = '${mode}'`))
    return new Kysely<Schema>({ dialect: new MysqlDialect({ pool }) })
  }
  // What takes a second connection while it holds one never ends here.
  const single = open(1)
  const others = open(3)
  const onServer = { server: 'mariadb' } as const
  const accounts = kyselyTable(single.insertInto('account'), ['id', 'email', 'note', 'seen_at', 'bytes'])
  const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })
  const accountsOf = (email: string, db = others) =>
    db.selectFrom('account').selectAll().where('email', '=', email).execute()
  const values = (email: string) => ({ where: { email }, create: { note: 'new' } })

  before(async () => {
    await sql`create table account (
      id integer auto_increment primary key,
      email varchar(100) character set utf8mb4 collate utf8mb4_bin not null,
      note text character set utf8mb4 not null,
      seen_at datetime(3),
      bytes varbinary(200)
    )`.execute(others)
    await sql`create table audit (what varchar(100) not null)`.execute(others)
    await sql.raw(keySql(byEmail, fromKysely(others, onServer).dialect)).execute(others)
  })
  after(async () => {
    await single.destroy()
    await others.destroy()
    await database.drop()
  })

  for (const mode of [strict, `${strict},NO_BACKSLASH_ESCAPES`, `${strict},ANSI_QUOTES,NO_BACKSLASH_ESCAPES`])
    test(`values stay what they are under sql_mode ${mode}`, async () => {
      const db = open(1, mode)
      try {
        for (const email of hostile) {
          await others.deleteFrom('account').execute()
          const create = {
            note: email,
            seen_at: new Date('2026-02-28T23:59:59.123Z'),
            bytes: Buffer.from(email),
          }
          const made = await getOrCreate(fromKysely(db, onServer), byEmail, { where: { email }, create })
          assert.deepEqual([made.created, made.row], [true, { id: made.row.id, email, ...create }])
          const bytes = Buffer.from(email).toString('hex').toUpperCase()
          const stored =
            await sql`select hex(email) as email, hex(note) as note, hex(bytes) as bytes from account`.execute(
              others,
            )
          assert.deepEqual(stored.rows, [{ email: bytes, note: bytes, bytes }])

          assert.equal((await getOrCreate(fromKysely(db), byEmail, values(email))).created, false)
          const update = (note: string) =>
            updateOrCreate(fromKysely(db), byEmail, { where: { email }, update: { note }, create: {} })
          assert.equal((await update(email)).outcome, 'unchanged')
          const changed = await update(`${email}'`)
          assert.deepEqual([changed.outcome, changed.row.note], ['updated', `${email}'`])
        }
      } finally {
        await db.destroy()
      }
    })

  test('an object where a string belongs is not SQL', async () => {
    await others.insertInto('account').values({ email: 'ada', note: 'mine' }).execute()
    // As a request's body may hold it, whatever its type says.
    const where = { email: { email: 1 } as unknown as string }
    const { created, row } = await getOrCreate(fromKysely(single), byEmail, {
      where,
      create: { note: 'new' },
    })
    assert.deepEqual([created, row.email], [true, '{"email":1}'])
  })

  test('in a transaction of the caller: a lost race gives the row of the winner, and the rest is committed', async () => {
    const rival = await others.startTransaction().execute()
    const won = await getOrCreate(fromKysely(rival, onServer), byEmail, values('raced'))
    const work = single.transaction().execute(async (trx) => {
      await trx.insertInto('audit').values({ what: 'raced' }).execute()
      return getOrCreate(fromKysely(trx, onServer), byEmail, values('raced'))
    })
    await untilBlocked(others)
    await rival.commit().execute()
    assert.deepEqual(await work, { row: won.row, created: false })
    assert.equal((await others.selectFrom('audit').selectAll().execute()).length, 1)
  })

  test("in a transaction of onerow's, at the level asked for", async () => {
    const failure = new Error('no')
    const work = transaction(
      fromKysely(single, onServer),
      async (tx) => {
        assert.equal((await getOrCreate(tx, byEmail, values('rolled back'))).created, true)
        await getOrCreate(fromKysely(others, onServer), byEmail, values('committed meanwhile'))
        // At REPEATABLE READ, the server's default, a read would not see it.
        assert.equal((await accountsOf('committed meanwhile', tx.client)).length, 1)
        throw failure
      },
      { isolation: 'read committed' },
    )
    await assert.rejects(work, (error) => error === failure)
    assert.deepEqual(await accountsOf('rolled back'), [])
  })

  test("why: what Kysely's own query makes of such a value where the backslash is no escape", async () => {
    await getOrCreate(fromKysely(others), byEmail, values('somebody'))
    const db = open(1, `${strict},NO_BACKSLASH_ESCAPES`)
    try {
      assert.deepEqual(await accountsOf(`' or 1=1 -- `), [])
      assert.notDeepEqual(await accountsOf(`' or 1=1 -- `, db), [])
    } finally {
      await db.destroy()
    }
  })
})

/** Resolves when the server counts a session waiting for another's row lock. */
async function untilBlocked(db: Kysely<Schema>): Promise<void> {
  const waits = sql<{
    count: string
  }>`select variable_value as count from information_schema.global_status where variable_name = 'innodb_row_lock_current_waits'`
  while (Number((await waits.execute(db)).rows[0]?.count) === 0);
}
