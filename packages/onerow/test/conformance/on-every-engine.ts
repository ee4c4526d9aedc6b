import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import SqliteDatabase from 'better-sqlite3'
import type { Dialect } from 'onerow'
import { conformance } from 'onerow/conformance'
import type { ConformanceOptions, Faults, Open } from 'onerow/conformance'
import { mariadb } from 'onerow/mysql'
import { postgres } from 'onerow/postgres'
import { sqlite } from 'onerow/sqlite'
import { openLossyMariadb } from './open-lossy-mariadb.ts'
import { openLossyPostgres } from './open-lossy-postgres.ts'

/** A data tool that stands on other drivers, whose own runs of the suite are those under a full load. */
export interface Tool {
  /** The file that exports what `pairs` open, for other processes. */
  readonly module: string
  readonly pairs: readonly Pair[]
  /** How the tool writes `begin`, `start transaction` and `commit`, where it writes them otherwise: to cut it there. */
  readonly spelled?: Readonly<Record<string, string>>
  readonly cannot?: ConformanceOptions['cannot']
}

interface Pair {
  /** The data tool and the engine, in words: `knex on MariaDB, by mysql2`. */
  readonly name: string
  readonly engine: 'postgres' | 'sqlite' | 'mariadb'
  readonly open: Open
  /** Where it is not the engine's usual one. */
  readonly dialect?: Dialect
  /** What this pair cannot do besides. */
  readonly cannot?: ConformanceOptions['cannot']
}

interface Place {
  readonly where: string
  readonly dialect: Dialect
  readonly openLossy?: (where: string) => Promise<Faults>
  readonly cannot?: ConformanceOptions['cannot']
  readonly drop: () => Promise<unknown>
}

/** Runs the suite for a data tool on each of its engines. */
export async function onEveryEngine({ module, pairs, spelled = {}, cannot = {} }: Tool): Promise<void> {
  // All before the first case: between two cases the runner would take a wait for the end.
  const places = await Promise.all(pairs.map(placeOf))
  for (const [index, { name, open, dialect, cannot: cannotHere }] of pairs.entries()) {
    const place = places[index]
    if (!place) {
      test(name, { skip: `MariaDB is not installed: ${installCommand.mariadb}` })
      continue
    }
    const { openLossy } = place
    conformance({
      ...place,
      test,
      after,
      name,
      open,
      dialect: dialect ?? place.dialect,
      worker: { module, export: open.name },
      cannot: { ...place.cannot, ...cannot, ...cannotHere },
      load: 'light',
      ...(openLossy && { openLossy: async (where) => asSpelled(await openLossy(where), spelled) }),
    })
    after(place.drop)
  }
}

async function placeOf({ name, engine }: Pair): Promise<Place | undefined> {
  const database = { name: name.toLowerCase().replaceAll(/\W+/g, '_').slice(0, 40) }
  if (engine === 'postgres') {
    const made = await testDatabase(database)
    return { where: made.url, dialect: postgres, openLossy: openLossyPostgres, drop: () => made.drop() }
  }
  if (engine === 'sqlite') return sqliteFile()
  const server = await testMariadb({ ...database, alone: true })
  return (
    server && { where: server.url, dialect: mariadb, openLossy: openLossyMariadb, drop: () => server.drop() }
  )
}

async function sqliteFile(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'onerow-conformance-'))
  const where = join(directory, 'conformance.db')
  const database = new SqliteDatabase(where)
  // Readers do not wait for the writer; the file remembers it.
  database.pragma('journal_mode = wal')
  database.close()
  return {
    where,
    dialect: sqlite,
    cannot: {
      'lost connections': 'SQLite has no connection that can be lost',
      'read replicas': 'SQLite has no replicas',
    },
    drop: () => rm(directory, { recursive: true }),
  }
}

function asSpelled(faults: Faults, spelled: Readonly<Record<string, string>>): Faults {
  return { ...faults, cut: (moment, matching) => faults.cut(moment, spelled[matching] ?? matching) }
}
