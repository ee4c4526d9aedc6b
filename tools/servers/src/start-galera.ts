import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { foundGalera, synced } from './found-galera.ts'
import { newMembers, type GaleraMember } from './galera-member.ts'
import { galeraPrograms } from './galera-programs.ts'
import { galeraStatus, type GaleraStatus } from './galera-status.ts'
import { acceptsConnections, launchMariadbd, type MariadbSettings } from './launch-mariadbd.ts'
import { ServerFailure, type ServerProcess } from './launch-server.ts'
import type { MariadbAddress } from './with-mariadb-connection.ts'

export interface StartGaleraOptions {
  /** How many. Default: 3. */
  readonly nodes?: number | undefined
  /** Server settings of all nodes by the names of its options, such as `{ 'wsrep-sync-wait': '1' }`. */
  readonly settings?: MariadbSettings | undefined
  /** Where the nodes' temporary folders are made. Default: where the system has such. */
  readonly within?: string | undefined
}

/** A MariaDB that is one of a cluster. */
export interface GaleraNode extends MariadbAddress {
  /** `node1`, say. */
  readonly name: string
  /** Without a database. */
  readonly url: string
  readonly dataDirectory: string
  /** Another one after `rejoin`. */
  readonly pid: number
  /** What it says of itself and the cluster. Rejects when it does not run. */
  status(): Promise<GaleraStatus>
  /** Crashes it with SIGKILL. The others go on, if they are a majority, when they have missed it for 2 s. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same ports, and resolves when it has copied all that the others have. */
  rejoin(): Promise<void>
}

/** A cluster of this process, which ends with it. All nodes take writes. */
export interface GaleraCluster {
  readonly nodes: readonly GaleraNode[]
  /** Ends all nodes and removes their folders. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Running {
  readonly member: GaleraMember
  readonly server: ServerProcess
}

/**
 * Starts a MariaDB Galera cluster in temporary folders, listening on 127.0.0.1 only. It stops with `stop()`, or by
 * itself when this process dies. Throws an Error that says why it cannot start, and what to do.
 *
 * @example
 * await using cluster = await startGalera()
 * const pools = cluster.nodes.map(({ host, port, user, password }) => createPool({ host, port, user, password }))
 */
export async function startGalera({
  nodes = 3,
  settings = {},
  within,
}: StartGaleraOptions = {}): Promise<GaleraCluster> {
  const members = await newMembers(await galeraPrograms(), { nodes, settings, within })
  try {
    await foundGalera(members)
    return clusterOf(members, await launchTogether(members))
  } catch (error) {
    removeFolders(members)
    throw explained(error, members)
  }
}

/** Starts all nodes, or none. */
async function launchTogether(members: readonly GaleraMember[]): Promise<readonly Running[]> {
  const failed = new AbortController() // else the others would wait for the one that is missing
  const errors: unknown[] = []
  const launches = members.map(async (member) => {
    try {
      return await launch(member, failed.signal)
    } catch (error) {
      errors.push(error)
      failed.abort()
      return undefined
    }
  })
  const running = (await Promise.all(launches)).filter((node) => node !== undefined)
  if (errors.length === 0) return running
  await Promise.all(running.map(({ server }) => server.end('SIGKILL')))
  throw errors[0]
}

/** Resolves when the node is a part of the cluster; rejects when it is not in a minute. */
async function launch(member: GaleraMember, failed?: AbortSignal): Promise<Running> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), 60_000)
  try {
    const server = await launchMariadbd(member, {
      readyWords: [acceptsConnections, synced],
      signal: AbortSignal.any([late.signal, ...(failed ? [failed] : [])]),
    })
    return { member, server }
  } finally {
    clearTimeout(timer)
  }
}

function explained(error: unknown, members: readonly GaleraMember[]): unknown {
  if (!(error instanceof ServerFailure)) return error
  return new Error(
    `MariaDB ${members[0]?.programs.version} did not start as a Galera cluster of ${members.length} nodes. If the ` +
      `log speaks of a setting, correct it in the settings.\nIts log ends:\n${error.log}`,
    { cause: error },
  )
}

function clusterOf(members: readonly GaleraMember[], running: readonly Running[]): GaleraCluster {
  const nodes = running.map(nodeOf)
  const stop = async (): Promise<void> => {
    // Nothing is kept, so nothing needs an orderly shutdown, which takes some seconds.
    await Promise.all(nodes.map((node) => node.kill()))
    removeFolders(members)
  }
  return { nodes, stop, [Symbol.asyncDispose]: stop }
}

function nodeOf({ member, server }: Running): GaleraNode {
  const { name, dataDirectory, password, port } = member
  const address = { host: '127.0.0.1', port, user: 'onerow', password }
  let current = server
  return {
    ...address,
    name,
    url: `mariadb://onerow:${password}@127.0.0.1:${port}/`,
    dataDirectory,
    get pid() {
      return current.pid
    },
    status: () => galeraStatus(address),
    kill: () => current.end('SIGKILL'),
    async rejoin() {
      await current.end('SIGKILL')
      emptyFolder(member)
      current = (await launch(member)).server
    },
  }
}

/**
 * So that it gets a whole copy. Over files of before the crash, rsync would leave MariaDB's DDL log, by which the server
 * then drops a table that was being made as it crashed, though the copy has it.
 */
function emptyFolder({ dataDirectory }: GaleraMember): void {
  for (const entry of readdirSync(dataDirectory)) rmSync(join(dataDirectory, entry), { recursive: true })
}

function removeFolders(members: readonly GaleraMember[]): void {
  for (const { dataDirectory } of members) rmSync(dataDirectory, { recursive: true, force: true })
}
