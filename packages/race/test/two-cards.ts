import { testDatabase } from '@onerow/servers'
import { exactlyOneRow, replay, yieldPoint } from '@onerow/race'
import type { ExploreOptions, Findings, Run, Violation } from '@onerow/race'
import { pgSessions } from '@onerow/race/pg'
import pg from 'pg'
import { Report } from '../src/report.ts'

/** Two uploads of one identity card, on a database of their own. */
export interface TwoCards extends AsyncDisposable {
  readonly url: string
  readonly pool: pg.Pool
  /** The application checks, and nothing stands behind that. */
  readonly checked: ExploreOptions
  /** As `checked`; a unique index stands behind it. */
  readonly indexed: ExploreOptions
}

export async function openTwoCards(name: string): Promise<TwoCards> {
  const database = await testDatabase({ name })
  const pool = new pg.Pool({ connectionString: database.url })
  // As an application has it whose database can go away.
  pool.on('connect', (client) => client.on('error', () => undefined))
  await pool.query('create table document (user_id integer, document_type text, note jsonb)')
  await pool.query('create table card (user_id integer, document_type text, unique (user_id, document_type))')
  const optionsFor = (table: string): ExploreOptions => ({
    sessions: pgSessions(pg, { connectionString: database.url }),
    setup: () => pool.query(`truncate ${table}`),
    actors: { first: () => saveCard(pool, table), second: () => saveCard(pool, table) },
    invariant: exactlyOneRow(() => pool.query(`select * from ${table}`)),
  })
  return {
    url: database.url,
    pool,
    checked: optionsFor('document'),
    indexed: optionsFor('card'),
    async [Symbol.asyncDispose]() {
      await pool.end()
      await database.drop()
    },
  }
}

async function saveCard(pool: pg.Pool, table: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query(`select * from ${table} where user_id = $1 and document_type = $2`, [
      7,
      'PAN_CARD',
    ])
    if (rows.length === 0)
      await client.query(`insert into ${table} (user_id, document_type) values ($1, $2)`, [7, 'PAN_CARD'])
    await yieldPoint('the file is stored')
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/** The run of a schedule, for what its picture shows. */
export async function violationOf(
  options: ExploreOptions,
  schedule: string,
): Promise<Violation & { readonly run: Run }> {
  const [violation] = (await replay({ ...options, invariant: () => false }, schedule)).violations
  const run = violation?.run
  if (!run) throw new Error(`No run of ${schedule}.`)
  return { ...violation, run }
}

/** The same report, but for something. */
export function changed(report: Report, change: Partial<Findings>): Report {
  return Object.assign(new Report(report), change)
}
