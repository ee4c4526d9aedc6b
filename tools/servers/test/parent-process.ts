import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'

import type { PostgresServer } from '../src/index.ts'
import type { ServerAccount } from '../src/server-account.ts'

export interface ParentProcessOptions {
  readonly dataDirectory?: string
  /** JavaScript that the process runs when its server is up and we have heard of it. */
  readonly afterStart?: string
  readonly account?: ServerAccount
}

export interface ParentProcess {
  readonly server: Pick<PostgresServer, 'url' | 'pid' | 'dataDirectory'>
  kill(): Promise<void>
  /** Resolves when a temporary server's folder is gone. */
  serverGone(): Promise<void>
}

/** A process of its own that starts a server and keeps it. */
export async function parentProcess(options: ParentProcessOptions = {}): Promise<ParentProcess> {
  const { dataDirectory, afterStart = '', account } = options
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--input-type=module',
      '--eval',
      `import { startPostgres } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
       const server = await startPostgres(${JSON.stringify({ dataDirectory })})
       process.send(server)
       process.on('message', () => { ${afterStart} })`,
    ],
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  const exited = once(child, 'exit')
  const [server] = (await once(child, 'message')) as [PostgresServer]
  child.send('go on')
  return {
    server,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    serverGone: () => removal(server.dataDirectory),
  }
}

function removal(path: string): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (existsSync(path)) return
      watcher.close()
      resolve()
    }
    const watcher = watch(dirname(path), check)
    check()
  })
}
