import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startMariadb, startPostgres, testGalera } from '@onerow/servers'
import type { GaleraNode } from '@onerow/servers'
import { createConnection } from 'mariadb'

/** One server, or several that are one, which crash when told. */
export interface CrashingServers extends AsyncDisposable {
  /** In words: `PostgreSQL 18.4`. */
  readonly name: string
  /** An empty database, by each of the servers. */
  readonly urls: readonly string[]
  /** A statement without which one of them may not yet read what another has written. */
  readonly beforeRead?: string
  /** Kills the server, of several the last, with SIGKILL; starts it again, and resolves when it serves. */
  crash(): Promise<void>
}

export async function startCrashingPostgres(): Promise<CrashingServers> {
  const directory = await mkdtemp(join(tmpdir(), 'onerow-crashing-'))
  // The server may run as another user.
  await chmod(directory, 0o755)
  // A kept folder: unlike in a temporary one, each commit is on disk before it is told.
  const start = (port?: number) => startPostgres({ dataDirectory: join(directory, 'data'), port })
  let server = await start()
  return {
    name: `PostgreSQL ${server.version}`,
    urls: [server.url],
    async crash() {
      // The processes of its sessions would go on until they are idle, as if nothing had happened.
      const sessions = childrenOf(server.pid)
      const killed = server.kill()
      for (const pid of sessions) killIfRunning(pid)
      await killed
      server = await start(server.port)
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(directory, { recursive: true })
    },
  }
}

export async function startCrashingMariadb(): Promise<CrashingServers> {
  const server = await startMariadb()
  const { host, port, user, password } = server
  const connection = await createConnection({ host, port, user, password })
  await connection.query('create database crashing character set utf8mb4')
  await connection.end()
  return {
    name: `MariaDB ${server.version}`,
    urls: [new URL('crashing', server.url).href],
    async crash() {
      await server.kill()
      await server.restart()
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

export async function startCrashingGalera(): Promise<CrashingServers> {
  const galera = await testGalera({ name: 'crashing' })
  const [last, ...others] = galera?.nodes.toReversed() ?? []
  if (!galera || !last)
    throw new Error('Galera is not installed: apt-get install mariadb-server galera-4 rsync')
  return {
    name: `MariaDB Galera, ${galera.nodes.length} nodes`,
    urls: galera.nodes.map(({ url }) => url),
    beforeRead: 'set session wsrep_sync_wait = 1',
    async crash() {
      await last.kill()
      await missed(others)
      await last.rejoin()
    },
    [Symbol.asyncDispose]: () => galera.drop(),
  }
}

/** Resolves when the nodes have formed a cluster of their own: before that, one that joins can cost them the majority. */
async function missed(nodes: readonly Pick<GaleraNode, 'status'>[]): Promise<void> {
  for (const node of nodes)
    for (let status; status?.clusterSize !== nodes.length || !status.primary;) {
      await wait(100)
      status = await node.status()
    }
}

function childrenOf(pid: number): readonly number[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map(Number)
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
