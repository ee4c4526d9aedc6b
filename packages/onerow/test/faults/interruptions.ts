import type { Engine } from '../../src/conformance/engine.ts'
import type { ErrorCode } from './error-code.ts'
import type { EngineName, System } from './systems.ts'

/** How calls that wait for a lock come to an end before they get it. */
export interface Interruption {
  readonly name: string
  /** What the data tool's own error has for a code. */
  readonly codes: readonly ErrorCode[]
  /** The way to a database where it happens by itself. */
  readonly where?: (where: string, engine: Engine) => Promise<string>
  /** Makes it happen to those who wait in a statement on the table. */
  readonly interrupt?: (engine: Engine, table: string) => Promise<unknown>
  /** A data tool that fails one more call on each such connection, and the code of its error then. */
  readonly failsOnceMore?: readonly [tool: System['tool'], code: ErrorCode]
  /** The connection stays, and so the caller's transaction can be rolled back. */
  readonly keepsConnection?: true
}

/** How a connection is ended that runs nothing. */
export interface Termination {
  /** Asks a connection for its `id`. */
  readonly id: string
  readonly kill: (id: unknown) => string
}

/** The same database, by a setting for each session. */
const withSetting = (setting: string) => async (where: string) => {
  const url = new URL(where)
  url.searchParams.set('options', `-c ${setting}`)
  return url.href
}

const toEachWaiting = (call: string) => (engine: Engine, table: string) =>
  engine.execute(
    `select ${call}(pid) from pg_stat_activity where query like '%${table}%' and cardinality(pg_blocking_pids(pid)) > 0`,
  )

export const postgresInterruptions: readonly Interruption[] = [
  { name: 'statement_timeout', codes: ['57014'], where: withSetting('statement_timeout=1s') },
  { name: 'lock_timeout', codes: ['55P03'], where: withSetting('lock_timeout=1s') },
  {
    name: 'pg_cancel_backend',
    codes: ['57014'],
    interrupt: toEachWaiting('pg_cancel_backend'),
    keepsConnection: true,
  },
  {
    name: 'pg_terminate_backend',
    codes: ['57P01', 'CONNECTION_CLOSED'],
    interrupt: toEachWaiting('pg_terminate_backend'),
    // postgres.js 3.4 tells the call only that the connection is gone, and keeps the server's error for the call that opens
    // the connection anew, whose statement it does not send.
    failsOnceMore: ['postgres-js', '57P01'],
  },
]

const killEachWaiting = (what: string) => async (engine: Engine, table: string) => {
  const waiting = await engine.execute(
    `select id from information_schema.processlist where id <> connection_id() and info like '%${table}%'`,
  )
  for (const { id } of waiting) await engine.execute(`kill ${what} ${String(id)}`)
}

export const mariadbInterruptions: readonly Interruption[] = [
  {
    name: 'max_statement_time',
    codes: [1969],
    async where(where, { execute }) {
      const url = new URL(where)
      const { username, password } = Object.assign(url, { username: 'hurried' })
      await execute(`create or replace user ${username}@127.0.0.1 identified by '${password}'`)
      await execute(`grant all on *.* to ${username}@127.0.0.1 with max_statement_time 1`)
      return url.href
    },
  },
  { name: 'KILL QUERY', codes: [1317], interrupt: killEachWaiting('query'), keepsConnection: true },
  {
    name: 'KILL',
    codes: [1927, 'PROTOCOL_CONNECTION_LOST', 45009],
    interrupt: killEachWaiting('connection'),
  },
]

export const terminations: { readonly [Name in EngineName]?: Termination } = {
  postgres: {
    id: 'select pg_backend_pid() as id',
    kill: (id) => `select pg_terminate_backend(${String(id)}, 10000)`,
  },
  mariadb: { id: 'select connection_id() as id', kill: (id) => `kill ${String(id)}` },
}
