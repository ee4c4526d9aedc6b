import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { explore } from '@onerow/race'
import type { Run } from '@onerow/race'
import { postgresJsSessions } from '@onerow/race/postgres-js'
import postgres from 'postgres'
import { driverTests } from './driver-tests.ts'
import type { Driver } from './driver-tests.ts'
import { tables } from './tables.ts'

/** What `require` gives is another copy of it. */
const required = createRequire(import.meta.url)('postgres') as typeof postgres

const database = await testDatabase({ name: 'race_gates_postgres_js' })
after(() => database.drop())

for (const [name, module] of Object.entries({ postgres, 'postgres, as require gives it': required }))
  await testModule(name, module)

async function testModule(name: string, module: typeof postgres): Promise<void> {
  const sql = module(database.url, { max: 4, onnotice: () => {} })
  const sqlOfOne = module(database.url, { max: 1, onnotice: () => {} })
  if (module === postgres) {
    await sql.unsafe(tables)
    await sql`alter database ${sql(new URL(database.url).pathname.slice(1))} set deadlock_timeout = '20ms'`
  }
  const [query] = [sql`select 1`]
  await query

  after(async () => {
    await sql.end()
    await sqlOfOne.end()
  })

  test(`${name}: two transactions at once of one actor are told apart`, async () => {
    const runs: Run[] = []
    const write = (text: string) => sql.begin((inner) => inner.unsafe(text))
    await explore({
      sessions: postgresJsSessions(module, database.url),
      setup: () => {},
      actors: {
        both: async () => {
          await Promise.all([write('delete from race'), write('update account set balance = 0')])
          const reserved = await sql.reserve()
          await reserved.unsafe('select 1 from person')
          reserved.release()
        },
      },
      invariant: (run) => void runs.push(run),
    })
    for (const { steps } of runs) {
      const published = steps
        .filter(({ text }) => text === 'commit')
        .map(({ footprint }) => [...footprint.publishes].join())
      assert.deepEqual(published.sort(), ['account', 'race'])
    }
    assert.ok(runs.length > 0)
  })

  driverTests({
    name,
    sessions: postgresJsSessions(module, database.url),
    query: queryOn(sql),
    transaction: transactionOn(sql),
    transactionOfOne: transactionOn(sqlOfOne),
    forms: {
      'a template': {
        run: (text) => sql`select ${actorIn(text)} as actor from race`,
      },
      'a template with fragments and names': {
        run: (text) => {
          const names = sql`name, ${sql('user_id')}`
          return sql`select ${names} from ${sql('race')} where name = ${actorIn(text)} or name in ${sql(['foo'])}`
        },
      },
      unsafe: { run: (text) => sql.unsafe(text) },
      'unsafe, prepared': {
        run: (text) => sql.unsafe(`${text} where name = $1`, ['foo'], { prepare: true }),
      },
      'execute, and awaited later': {
        run: async (text) => {
          const query = sql.unsafe(text).execute()
          await Promise.resolve()
          return await query
        },
      },
      'a cursor': {
        run: async (text) => {
          const rows = sql.unsafe(`${text} union all select name from race`).cursor(1)
          for await (const _ of rows);
        },
      },
      'a cursor with a callback, and a statement in it': {
        run: (text) =>
          sql
            .unsafe(
              `select 0 from account where id = 1 union all select 1 from race where name = '${actorIn(text)}'`,
            )
            .cursor(1, async () => {
              await sql.unsafe(text)
            }),
        steps: 2,
      },
      forEach: { run: (text) => sql.unsafe(text).forEach(() => {}) },
      'two statements at once': {
        run: (text) => Promise.all([sql.unsafe(text), sql.unsafe(text)]),
        steps: 2,
      },
      'a reserved connection': {
        run: async (text) => {
          const reserved = await sql.reserve()
          await reserved.unsafe(text)
          reserved.release()
        },
      },
      'a savepoint': {
        run: (text) =>
          sql.begin((inner) => inner.savepoint(async (innermost) => await innermost.unsafe(text))),
        steps: 4,
      },
    },
    gates: [[Object.getPrototypeOf(query) as object, 'handle']],
    deadlock: '40P01',
    killed: '57014',
  })
}

function actorIn(text: string): string {
  return text.split("'")[1] ?? ''
}

function queryOn(sql: postgres.ISql): Driver['query'] {
  return (text) => sql.unsafe(text)
}

function transactionOn(sql: postgres.Sql): Driver['transaction'] {
  return (work) => sql.begin((inner) => work(queryOn(inner)))
}
