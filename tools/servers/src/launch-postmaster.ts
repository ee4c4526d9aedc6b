import { launchServer, ServerFailure, type ServerOptions, type ServerProcess } from './launch-server.ts'

export type PostmasterOptions = Pick<
  ServerOptions,
  'program' | 'arguments' | 'account' | 'dataDirectory' | 'temporary'
>

/** PostgreSQL ended before it was ready. */
export class PostmasterFailure extends Error {
  /** What it last said. */
  readonly log: string
  constructor(failure: ServerFailure) {
    super(failure.message, { cause: failure })
    this.log = failure.log
  }

  /** What it could not have, when another process has it. */
  get obstacle(): 'port' | 'data folder' | undefined {
    if (/could not bind .*Address (already )?in use/.test(this.log)) return 'port'
    return /lock file "postmaster\.pid" already exists/.test(this.log) ? 'data folder' : undefined
  }
}

/** Starts PostgreSQL and resolves when its log says that it accepts connections, if only to read. */
export async function launchPostmaster(options: PostmasterOptions): Promise<ServerProcess> {
  try {
    return await launchServer({
      ...options,
      name: 'PostgreSQL',
      // A standby: "… read-only connections".
      readyWords: ['database system is ready to accept '],
      stopSignal: 'INT',
      lockFile: 'postmaster.pid',
    })
  } catch (error) {
    throw error instanceof ServerFailure ? new PostmasterFailure(error) : error
  }
}
