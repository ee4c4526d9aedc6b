import { randomBytes, randomUUID } from 'node:crypto'

import { freePorts } from './free-ports.ts'
import type { GaleraPrograms } from './galera-programs.ts'
import type { MariadbInstance, MariadbSettings } from './launch-mariadbd.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A node of a cluster that is to be started. */
export interface GaleraMember extends MariadbInstance {
  readonly name: string
  /** Its id in the group. */
  readonly id: string
}

interface Ports {
  readonly sql: number
  readonly group: number
  /** For the write sets that a node missed, and for a copy of the whole data: incremental, state snapshot transfer. */
  readonly ist: number
  readonly sst: number
}

interface Plan {
  /** How many. */
  readonly nodes: number
  readonly settings: MariadbSettings
  readonly within: string | undefined
}

/** Plans a cluster, each node with an empty temporary folder and ports of its own. */
export async function newMembers(
  programs: GaleraPrograms,
  { nodes, settings, within }: Plan,
): Promise<readonly GaleraMember[]> {
  const ports = await nodePorts(nodes)
  const password = randomBytes(16).toString('hex')
  const cluster = {
    'wsrep-cluster-name': `onerow-${randomUUID().slice(0, 8)}`, // the provider takes 32 characters at most
    'wsrep-cluster-address': `gcomm://${ports.map(({ group }) => `127.0.0.1:${group}`).join(',')}`,
    'wsrep-provider': programs.provider,
  }
  return ports.map((own, index) => {
    const name = `node${index + 1}`
    return {
      name,
      id: randomUUID(),
      programs,
      dataDirectory: temporaryDirectory('galera', programs.account, within),
      password,
      port: own.sql,
      settings,
      fixed: { ...cluster, ...nodeSettings(name, own) },
    }
  })
}

async function nodePorts(count: number): Promise<readonly Ports[]> {
  const ports = (await freePorts(4 * count)).values()
  const next = (): number => ports.next().value ?? 0
  return Array.from({ length: count }, () => ({ sql: next(), group: next(), ist: next(), sst: next() }))
}

function nodeSettings(name: string, { sql, group, ist, sst }: Ports): MariadbSettings {
  return {
    // https://mariadb.com/docs/galera-cluster/galera-management/configuration/configuring-mariadb-galera-cluster
    'wsrep-on': 'ON',
    'binlog-format': 'ROW',
    'default-storage-engine': 'InnoDB',
    'innodb-autoinc-lock-mode': '2',
    'wsrep-node-name': name,
    'wsrep-node-address': `127.0.0.1:${group}`,
    'wsrep-node-incoming-address': `127.0.0.1:${sql}`,
    'wsrep-sst-method': 'rsync',
    'wsrep-sst-receive-address': `127.0.0.1:${sst}`,
    'wsrep-slave-threads': '2',
    'wsrep-provider-options': Object.entries(providerOptions({ group, ist }))
      .map(([option, value]) => `${option}=${value}`)
      .join(';'),
  }
}

function providerOptions({ group, ist }: Pick<Ports, 'group' | 'ist'>): Readonly<Record<string, string>> {
  return {
    base_host: '127.0.0.1',
    base_port: String(group),
    // Each of these would else listen on every address.
    'gmcast.listen_addr': `tcp://127.0.0.1:${group}`,
    'ist.recv_addr': `127.0.0.1:${ist}`,
    'ist.recv_bind': `127.0.0.1:${ist}`,
    'gcache.size': '32M',
  }
}
