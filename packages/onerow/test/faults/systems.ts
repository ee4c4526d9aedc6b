import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hasMariadb, installCommand, startMariadb, testDatabase } from '@onerow/servers'
import { createConnection } from 'mariadb'
import type { Dialect } from 'onerow'
import type { Faults, Open } from 'onerow/conformance'
import { mariadb } from 'onerow/mysql'
import { postgres } from 'onerow/postgres'
import { sqlite } from 'onerow/sqlite'
import { withEngine } from '../../src/conformance/engine.ts'
import type { Engine } from '../../src/conformance/engine.ts'
import { sharing } from '../../src/conformance/shared.ts'
import { openLossyMariadb } from '../conformance/open-lossy-mariadb.ts'
import { openLossyPostgres } from '../conformance/open-lossy-postgres.ts'
import { openMariadb } from '../conformance/open-mariadb.ts'
import { openMysql2 } from '../conformance/open-mysql2.ts'
import { openNodeSqlite } from '../conformance/open-node-sqlite.ts'
import { openPg } from '../conformance/open-pg.ts'
import { openPostgresJs } from '../conformance/open-postgres-js.ts'

export type EngineName = 'postgres' | 'mariadb' | 'sqlite'

/** A data tool on an engine. */
export interface System {
  readonly name: string
  readonly tool: 'pg' | 'postgres-js' | 'mysql2' | 'mariadb' | 'node-sqlite'
  readonly engine: EngineName
  readonly dialect: Dialect
  readonly open: Open
  readonly openLossy?: (where: string) => Promise<Faults>
}

/** A new data tool is one more entry. */
export const systems: readonly System[] = [
  {
    name: 'pg on PostgreSQL',
    tool: 'pg',
    engine: 'postgres',
    dialect: postgres,
    open: openPg,
    openLossy: openLossyPostgres,
  },
  {
    name: 'postgres-js on PostgreSQL',
    tool: 'postgres-js',
    engine: 'postgres',
    dialect: postgres,
    open: openPostgresJs,
    openLossy: openLossyPostgres,
  },
  {
    name: 'mysql2 on MariaDB',
    tool: 'mysql2',
    engine: 'mariadb',
    dialect: mariadb,
    open: openMysql2,
    openLossy: openLossyMariadb,
  },
  {
    name: 'mariadb on MariaDB',
    tool: 'mariadb',
    engine: 'mariadb',
    dialect: mariadb,
    open: openMariadb,
    openLossy: openLossyMariadb,
  },
  {
    name: 'node-sqlite on a file',
    tool: 'node-sqlite',
    engine: 'sqlite',
    dialect: sqlite,
    open: openNodeSqlite,
  },
]

/** Runs `work` on a database, on connections that are closed when it ends. */
export async function onEngine<Result>(
  system: System,
  where: string,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const shared = sharing({ ...system, where, isSingle: false })
  try {
    const result: Result[] = []
    await withEngine({ ...system, test, after, where }, await shared.at(undefined), async (engine) => {
      result.push(await work(engine))
    })
    const [only] = result
    return only as Result
  } finally {
    await shared.close()
  }
}

/** An empty database of a test file's own. */
interface OwnDatabase {
  readonly where: string
  readonly drop: () => Promise<void>
}

const databases: {
  readonly [Name in EngineName]: (name: string) => Promise<OwnDatabase | { readonly missing: string }>
} = {
  async postgres(name) {
    const database = await testDatabase({ name })
    return { where: database.url, drop: () => database.drop() }
  },
  // On a server of its own, where nobody else waits for locks, and whose settings are the test's.
  async mariadb(name) {
    if (!hasMariadb()) return { missing: `MariaDB is not installed: ${installCommand.mariadb}` }
    const server = await startMariadb()
    const { host, port, user, password } = server
    const connection = await createConnection({ host, port, user, password })
    await connection.query(`create database ${name} character set utf8mb4`)
    await connection.end()
    return { where: new URL(name, server.url).href, drop: () => server.stop() }
  },
  async sqlite(name) {
    const directory = await mkdtemp(join(tmpdir(), `onerow-${name}-`))
    const where = join(directory, 'faults.db')
    // Readers do not wait for the writer; the file remembers it.
    new DatabaseSync(where).exec('pragma journal_mode = wal')
    return { where, drop: () => rm(directory, { recursive: true }) }
  },
}

/** A system with an empty database of the test file's own. */
export interface OpenSystem extends System {
  /** Registers a test; all that it opens on the engine is closed when it ends. */
  readonly test: (name: string, run: (engine: Engine, where: string) => Promise<void>) => void
  /** Registers a test that cannot be, with the reason. */
  readonly skip: (name: string, reason: string) => void
}

// No test takes more than a few seconds; one that is still not done hangs.
const timeout = 60_000

/** Opens each system of the engines named, and closes it after the file's last test. */
export async function openSystems(
  file: string,
  engines: readonly EngineName[],
): Promise<readonly OpenSystem[]> {
  const opened: OpenSystem[] = []
  for (const system of systems)
    if (engines.includes(system.engine)) opened.push(await openSystem(file, system))
  return opened
}

async function openSystem(file: string, system: System): Promise<OpenSystem> {
  const database = await databases[system.engine](`faults_${file}`)
  const skip = (name: string, reason: string) => test(`${system.name}: ${name}`, { skip: reason })
  if ('missing' in database) return { ...system, skip, test: (name) => skip(name, database.missing) }
  const { where } = database
  const shared = sharing({ ...system, where, isSingle: false })
  after(async () => {
    await shared.close()
    await database.drop()
  })
  return {
    ...system,
    skip,
    test: (name, run) =>
      test(`${system.name}: ${name}`, { timeout }, async () =>
        withEngine({ ...system, test, after, where }, await shared.at(undefined), (engine) =>
          run(engine, where),
        ),
      ),
  }
}
