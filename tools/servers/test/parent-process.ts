import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'

import type { PostgresServer } from '../src/index.ts'
import type { ServerAccount } from '../src/server-account.ts'

export interface ParentProcessOptions {
  /** Default: `startPostgres`. */
  readonly start?: 'startPostgres' | 'startMariadb' | 'startGalera'
  readonly dataDirectory?: string
  /** JavaScript that the process runs when its server is up and we have heard of it. */
  readonly afterStart?: string
  readonly account?: ServerAccount
}

type Server = Pick<PostgresServer, 'url' | 'pid' | 'dataDirectory'>

export interface ParentProcess {
  readonly server: Server
  /** All of a cluster. */
  readonly servers: readonly Server[]
  kill(): Promise<void>
  /** Resolves when the folders of temporary servers are gone. */
  serverGone(): Promise<void>
}

/** A process of its own that starts a server and keeps it. */
export async function parentProcess(options: ParentProcessOptions = {}): Promise<ParentProcess> {
  const { start = 'startPostgres', dataDirectory, afterStart = '', account } = options
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--input-type=module',
      '--eval',
      `import { ${start} } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
       const server = await ${start}(${JSON.stringify({ dataDirectory })})
       process.send(server.nodes ?? [server])
       process.on('message', () => { ${afterStart} })`,
    ],
    { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  const exited = once(child, 'exit')
  const [servers] = (await once(child, 'message')) as [readonly [Server, ...Server[]]]
  child.send('go on')
  return {
    server: servers[0],
    servers,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async serverGone() {
      await Promise.all(servers.map(({ dataDirectory }) => removal(dataDirectory)))
    },
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
