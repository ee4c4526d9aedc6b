import { hasGalera } from './galera-programs.ts'
import { databaseUrl } from './database-url.ts'
import { memoryFolder } from './memory-folder.ts'
import { startGalera, type GaleraNode, type StartGaleraOptions } from './start-galera.ts'
import { withMariadbConnection } from './with-mariadb-connection.ts'

/** A node of the cluster, and the test's database on it. */
export interface TestGaleraNode extends Omit<GaleraNode, 'url'> {
  /** With the database. */
  readonly url: string
  readonly database: string
}

/** A Galera cluster of one test file's own, with an empty database. */
export interface TestGalera {
  readonly nodes: readonly TestGaleraNode[]
  /** Stops the cluster. */
  drop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestGaleraOptions extends StartGaleraOptions {
  /** The database's name. Default: `test`. */
  readonly name?: string
}

/**
 * Starts a cluster with an empty database, utf8mb4, which all its nodes have. Undefined when this machine has no
 * Galera. It takes seconds and the memory of three servers, so test-setup.ts starts none for all.
 *
 * @example
 * const galera = await testGalera({ name: 'race' })
 * if (galera) after(() => galera.drop())
 */
export async function testGalera({ name = 'test', ...options }: TestGaleraOptions = {}): Promise<
  TestGalera | undefined
> {
  if (!hasGalera()) return undefined
  const cluster = await startGalera({ within: memoryFolder(), ...options })
  const drop = (): Promise<void> => cluster.stop()
  try {
    for (const node of cluster.nodes) await makeDatabase(node, name)
  } catch (error) {
    await drop()
    throw error
  }
  return { nodes: cluster.nodes.map((node) => withDatabase(node, name)), drop, [Symbol.asyncDispose]: drop }
}

/** Asked of each node: what one has made, another may not have applied yet, and this waits for it. */
async function makeDatabase(node: GaleraNode, name: string): Promise<void> {
  await withMariadbConnection(node, (connection) =>
    connection.query(`create database if not exists ${connection.escapeId(name)} character set utf8mb4`),
  )
}

function withDatabase(node: GaleraNode, database: string): TestGaleraNode {
  return {
    ...node,
    get pid() {
      return node.pid
    },
    url: databaseUrl(node.url, database),
    database,
  }
}
