import { parseArgs } from 'node:util'
import { testDatabase } from '@onerow/servers'
import pg from 'pg'
import { exactlyOneRow, explore } from '../src/index.ts'
import { pgSessions } from '../src/drivers/pg.ts'

// All orders of three actors who read and then write, and the few that are left of them when those are left out that come to the
// same. It takes minutes, so it is no test: node --conditions=source packages/race/test/exhaustive.ts [--actors 3]

const { values } = parseArgs({ options: { actors: { type: 'string', default: '3' } } })
const names = ['first', 'second', 'third', 'fourth'].slice(0, Number(values.actors))

await using database = await testDatabase({ name: 'race_exhaustive' })
const pool = new pg.Pool({ connectionString: database.url })
await pool.query(`
create table free (user_id text not null);
create table bound (user_id text not null unique)`)

async function getOrCreate(table: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query(`select from ${table} where user_id = $1`, ['c53b8ba2'])
    // Four statements either way, so that three actors have 12! / (4! 4! 4!) orders where nobody waits.
    if (rows.length > 0) await client.query(`select * from ${table} where user_id = $1`, ['c53b8ba2'])
    else await client.query(`insert into ${table} (user_id) values ($1)`, ['c53b8ba2'])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

try {
  for (const table of ['free', 'bound'])
    for (const reduction of ['sleep sets', 'none'] as const) {
      const { schedules, cut, seconds, violations, isExhaustive } = await explore({
        sessions: pgSessions(pg, { connectionString: database.url }),
        setup: () => pool.query(`delete from ${table}`),
        actors: Object.fromEntries(names.map((name) => [name, () => getOrCreate(table)])),
        invariant: exactlyOneRow(() => pool.query(`select * from ${table}`)),
        reduction,
        limit: 1_000_000,
      })
      const runs = schedules + cut
      console.log(
        `${table === 'free' ? 'no index' : 'unique index'}, reduction ${reduction}: ${runs} runs ` +
          `(${schedules} schedules, ${cut} left off), ${violations.length} violating, ` +
          `${isExhaustive ? 'all there are' : 'not all'}, ${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(0)} a second`,
      )
    }
} finally {
  await pool.end()
}
