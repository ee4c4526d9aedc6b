import type { Client } from 'pg'

import { startPostgres, type StartPostgresOptions } from './start-postgres.ts'
import { withClient } from './with-client.ts'

/** A PostgreSQL to work with, whoever runs it. */
export interface OpenPostgres {
  readonly url: string
  /** `18.4`, say. */
  readonly version: string
  /** Whether it is a server of this process; then `stop` ends it, else `stop` leaves it alone. */
  readonly embedded: boolean
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The PostgreSQL that the environment variable DATABASE_URL names, after a first query has proved it; without
 * the variable, one that `startPostgres` starts with these options.
 *
 * @example
 * await using postgres = await openPostgres({ dataDirectory: '.data', database: 'documents' })
 * const pool = new Pool({ connectionString: postgres.url })
 */
export async function openPostgres(options: StartPostgresOptions = {}): Promise<OpenPostgres> {
  const url = process.env['DATABASE_URL']
  if (!url) return { ...(await startPostgres(options)), embedded: true }
  return {
    url,
    version: await provenVersion(url),
    embedded: false,
    stop: leaveAlone,
    [Symbol.asyncDispose]: leaveAlone,
  }
}

async function leaveAlone(): Promise<void> {}

async function provenVersion(url: string): Promise<string> {
  const place = placeOf(url)
  try {
    return await withClient(url, serverVersion)
  } catch (cause) {
    throw new Error(
      `DATABASE_URL is set, but PostgreSQL does not answer at ${place}: ${causeOf(cause)}. Correct it, start ` +
        'that server, or unset DATABASE_URL to use an embedded one.',
      { cause },
    )
  }
}

async function serverVersion(client: Client): Promise<string> {
  const { rows } = await client.query<{ readonly version: string }>(
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  )
  return rows[0]?.version ?? 'unknown'
}

/** What can be shown of the url: all but the password and the parameters, which may hold one. */
function placeOf(url: string): string {
  const parsed = URL.parse(url)
  // A "@" after the host means that a password with an unescaped "/", "?" or "#" was split.
  const split = parsed && (parsed.pathname + parsed.search + parsed.hash).includes('@')
  if (parsed && !split && /^postgres(ql)?:$/.test(parsed.protocol)) {
    const user = parsed.username && `${parsed.username}@`
    return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`
  }
  // No cause and no value: both would show the password.
  throw new Error(
    'DATABASE_URL is set, but is no url of the form postgres://user:password@host:port/database. In user and ' +
      'password, characters such as "/", "@", "?" and "#" are written as %2F, %40, %3F and %23.',
  )
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node tries each address of a host name, and the error for them all has a code but no message.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
