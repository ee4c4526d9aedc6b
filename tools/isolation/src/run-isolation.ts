import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase, testMariadb } from '@onerow/servers'
import type { Engine } from './engine.ts'
import { openMariadbEngine } from './mariadb-engine.ts'
import { runNaive } from './naive.ts'
import type { NaiveCell } from './naive.ts'
import { openPostgresEngine } from './postgres-engine.ts'
import type { Cell } from './run-cell.ts'
import { runMatrix } from './run-matrix.ts'
import { openSqliteEngine } from './sqlite-engine.ts'

/** What all races on one engine have come to. */
export interface EngineRun {
  readonly engine: Pick<Engine, 'name' | 'levels' | 'ways'>
  readonly cells: readonly Cell[]
  readonly naive: readonly NaiveCell[]
}

/**
 * Runs all races on all engines, on real servers: those of the test setup, else servers of its own. MariaDB is left out
 * where it is not installed.
 *
 * @throws when a race could not be brought about, or when one hangs
 */
export async function runIsolation(): Promise<readonly EngineRun[]> {
  const runs = await Promise.allSettled([onPostgres(), onMariadb(), onSqlite()])
  return runs.flatMap((run) => {
    if (run.status === 'rejected') throw run.reason
    return run.value ?? []
  })
}

async function onPostgres(): Promise<EngineRun> {
  await using database = await testDatabase({ name: 'isolation' })
  return await runOn(await openPostgresEngine(database.url))
}

async function onMariadb(): Promise<EngineRun | undefined> {
  await using server = await testMariadb({ name: 'isolation' })
  if (!server) return undefined
  const { host, port, user, password, database } = server
  return await runOn(await openMariadbEngine({ host, port, user, password, database }))
}

async function onSqlite(): Promise<EngineRun> {
  const folder = mkdtempSync(join(tmpdir(), 'onerow-isolation-'))
  try {
    return await runOn(await openSqliteEngine(join(folder, 'race.db')))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runOn(engine: Engine): Promise<EngineRun> {
  try {
    const cells = await runMatrix(engine)
    return { engine, cells, naive: await runNaive(engine) }
  } finally {
    await engine.close()
  }
}
