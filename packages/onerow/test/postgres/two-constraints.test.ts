import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { getOrCreate, keySql, table, transaction, uniqueKey } from 'onerow'
import { fromPg } from 'onerow/pg'
import { postgres } from 'onerow/postgres'
import pg from 'pg'

interface Account {
  readonly id: number
  readonly email: string
  readonly login: string
}

interface Values {
  readonly where: { readonly email: string }
  readonly create: { readonly login: string }
}

const accounts = table<Account, Omit<Account, 'id'>>('account', {
  columns: { id: 'id', email: 'email', login: 'login' },
})
const byEmail = uniqueKey(accounts, ['email'], { name: 'account_email' })

// PostgreSQL looks at the conflict target before it inserts, and at the other unique indexes while it does. A rival that
// comes in between makes the insert fail on the other index, although its row is the very row that was looked for.
const ways: readonly (readonly [
  string,
  (pool: pg.Pool, create: Values) => Promise<{ row: Account; created: boolean }>,
])[] = [
  ['by itself', (pool, values) => getOrCreate(fromPg(pool), byEmail, values)],
  ['in a transaction', (pool, values) => transaction(fromPg(pool), (tx) => getOrCreate(tx, byEmail, values))],
]

for (const [way, getOrCreateAccount] of ways)
  test(`a rival's row that breaks two constraints at once is found, not reported as a conflict elsewhere: ${way}`, async () => {
    await using database = await testDatabase({ name: 'two_constraints' })
    const pool = new pg.Pool({ connectionString: database.url })
    const [gate, rival] = [await pool.connect(), await pool.connect()]
    // Only the caller's own connections pass the gate: an expression of the index waits there, for an advisory lock.
    const callers = new pg.Pool({ connectionString: database.url, max: 1, options: '-c onerow.gate=on' })
    try {
      await pool.query(`
      create function gated(login text) returns text immutable language plpgsql as $$
      begin
        if current_setting('onerow.gate', true) = 'on' then
          perform pg_advisory_lock(7), pg_advisory_unlock(7);
        end if;
        return login;
      end $$;
      create table account (id integer generated always as identity primary key, email text not null, login text not null);
      create unique index account_login on account (gated(login));`)
      // Made last, so that it is checked last while the row goes in.
      await pool.query(keySql(byEmail, postgres))
      const mine = { email: 'bob@example.org', login: 'bob' }

      await gate.query('select pg_advisory_lock(7)')
      const call = getOrCreateAccount(callers, {
        where: { email: mine.email },
        create: { login: mine.login },
      })
      await untilWaiting(pool)
      await rival.query('insert into account (email, login) values ($1, $2)', [mine.email, mine.login])
      await gate.query('select pg_advisory_unlock(7)')

      const { row, created } = await call
      assert.equal(created, false)
      assert.deepEqual((await pool.query('select * from account')).rows, [row])
    } finally {
      gate.release()
      rival.release()
      await Promise.all([pool.end(), callers.end()])
    }
  })

/** Returns once some session waits for an advisory lock. */
async function untilWaiting(pool: pg.Pool): Promise<void> {
  const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`
  while ((await pool.query(waiting)).rowCount === 0);
}
