import { randomUUID } from 'node:crypto'
import { openPostgres } from '@onerow/servers'
import { escapeIdentifier } from 'pg'
import type { Pool } from 'pg'
import { openPool } from './open-pool.ts'

/** A place for a story's tables. */
export interface StoryDatabase {
  readonly pool: Pool
  /** For connections that see the story's schema only. */
  readonly url: string
  /** PostgreSQL's version, and where it runs. */
  readonly server: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens a schema of the story's own, in the PostgreSQL of DATABASE_URL or in one that runs in a temporary folder.
 * Disposing of it drops the schema and stops what was started.
 */
export async function openStoryDatabase(story: string): Promise<StoryDatabase> {
  await using opening = new AsyncDisposableStack()
  const postgres = opening.use(await openPostgres())
  const schema = `onerow_${story}_${randomUUID().slice(0, 8)}`
  const url = withSearchPath(postgres.url, schema)
  const pool = opening.use(openPool(url))
  await pool.query(`create schema ${escapeIdentifier(schema)}`)
  opening.defer(async () => {
    await pool.query(`drop schema ${escapeIdentifier(schema)} cascade`)
  })
  process.once('SIGINT', finishFirst)
  opening.defer(() => {
    process.off('SIGINT', finishFirst)
  })
  const opened = opening.move()
  return {
    pool,
    url,
    server: `PostgreSQL ${postgres.version}, ${postgres.embedded ? 'in a temporary folder' : `schema "${schema}"`}`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Takes the first Ctrl-C. A story takes about a second, and leaves no schema behind if it may finish. */
function finishFirst(): void {
  console.error('Finishing, to leave no tables behind. Press Ctrl-C again to end at once.')
}

/** Every connection of the url sees the story's schema only; options that the url has already are kept. */
function withSearchPath(connectionString: string, schema: string): string {
  const url = new URL(connectionString)
  const options = url.searchParams.get('options') ?? ''
  url.searchParams.set('options', `${options} -c search_path=${schema}`.trim())
  return url.href
}
