import { dataDirectoryHolder } from './data-directory-lock.ts'
import type { PostmasterFailure } from './launch-postmaster.ts'
import type { PostgresPrograms } from './postgres-programs.ts'

interface Attempt {
  readonly programs: PostgresPrograms
  readonly dataDirectory: string
  readonly port: number
}

/** An Error that says why PostgreSQL did not start, what to do, and what its log says. */
export function explainFailure(failure: PostmasterFailure, attempt: Attempt): Error {
  return new Error(`${reason(failure, attempt)}\nIts log ends:\n${failure.log}`)
}

function reason({ obstacle }: PostmasterFailure, { programs, dataDirectory, port }: Attempt): string {
  if (obstacle === 'port') {
    return (
      `PostgreSQL cannot start: port ${port} of 127.0.0.1 is in use. Stop what listens there, or give ` +
      'another port (or none, for a free one).'
    )
  }
  if (obstacle === 'data folder') {
    const holder = dataDirectoryHolder(dataDirectory)
    return (
      `PostgreSQL cannot start: the data folder ${dataDirectory} is in use` +
      (holder ? ` by process ${holder.pid}, on port ${holder.port}` : '') +
      '. Stop that server first (kill -INT of the process), set DATABASE_URL to use it, or give another folder.'
    )
  }
  return `PostgreSQL ${programs.version} did not start on the data folder ${dataDirectory}.`
}
