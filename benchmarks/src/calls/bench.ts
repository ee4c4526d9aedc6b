import type { PostgresServer } from '@onerow/servers'
import type { Pool } from 'pg'
import type { Entrant } from '../contestants.ts'
import type { Options } from '../options.ts'

/** What a measurement needs. */
export interface Bench {
  readonly server: PostgresServer
  /** Of one connection, so that every other one is a contestant's. */
  readonly pool: Pool
  readonly contestants: readonly Entrant[]
  readonly options: Options
  readonly progress: (line: string) => void
  /** Measures; undefined, with a note in the results, where the contestant fails. The others go on. */
  readonly attempt: <Result>(what: string, measure: () => Promise<Result>) => Promise<Result | undefined>
}

/** The server's url, at the port of a proxy in front of it. */
export function urlAt(server: PostgresServer, port = server.port): string {
  const url = new URL(server.url)
  url.port = String(port)
  return url.href
}
