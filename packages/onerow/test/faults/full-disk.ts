import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMariadb, startPostgres } from '@onerow/servers'
import { createConnection } from 'mariadb'
import type { Database } from 'onerow'
import type { Engine } from '../../src/conformance/engine.ts'
import type { Items } from '../../src/conformance/items.ts'
import type { ErrorCode } from './error-code.ts'

/** A database with a table that soon has no room left. */
export interface SmallDisk extends AsyncDisposable {
  readonly where: string
  /** What the error of a write has for a code when the disk is full. */
  readonly code: ErrorCode
  /** Puts the table where there is little room, if that is not where the whole database is. */
  readonly confine?: (engine: Engine, items: Items, db: Database) => Promise<void>
  /** Makes room. */
  readonly enlarge: (db: Database) => Promise<unknown>
}

/** Why no small disk can be mounted here, if so. */
export function cannotMount(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root of a Linux can mount a small disk'
  const directory = mkdtempSync(join(tmpdir(), 'onerow-disk-'))
  try {
    mount(directory, 'size=16k')
    execFileSync('umount', [directory])
    return undefined
  } catch {
    return 'this machine lets nobody mount a disk'
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function mount(directory: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'pipe' })
}

/** The disk is the owner's of another folder. */
function mountFor(owned: string, directory: string, size: string): void {
  const { uid, gid } = statSync(owned)
  mount(directory, `size=${size},uid=${uid},gid=${gid},mode=700`)
}

/** A tablespace of its own: the log of PostgreSQL is elsewhere, since without room for that it stops. */
export async function startPostgresOnSmallDisk(): Promise<SmallDisk> {
  const server = await startPostgres()
  const directory = mkdtempSync(join(tmpdir(), 'onerow-disk-'))
  mountFor(server.dataDirectory, directory, '256k')
  return {
    where: server.url,
    code: '53100',
    async confine({ execute }, { name, key }) {
      await execute(`create tablespace small location '${directory}'`)
      await execute(`alter table ${name} set tablespace small`)
      for (const index of [`${name}_pkey`, key.name])
        await execute(`alter index ${index} set tablespace small`)
    },
    enlarge: async () => mount(directory, 'remount,size=16m'),
    async [Symbol.asyncDispose]() {
      await server.stop()
      execFileSync('umount', [directory])
      rmSync(directory, { recursive: true })
    },
  }
}

/** The folder of one database. */
export async function startMariadbOnSmallDisk(): Promise<SmallDisk> {
  const server = await startMariadb()
  const { host, port, user, password, dataDirectory } = server
  const connection = await createConnection({ host, port, user, password })
  await connection.query('create database small character set utf8mb4')
  await connection.end()
  const directory = join(dataDirectory, 'small')
  mountFor(dataDirectory, directory, '400k')
  return {
    where: new URL('small', server.url).href,
    // "The table is full": so InnoDB tells of a full disk.
    code: 1114,
    enlarge: async () => mount(directory, 'remount,size=16m'),
    async [Symbol.asyncDispose]() {
      // Killed first, for it has files open on the disk that is to go.
      await server.kill()
      execFileSync('umount', [directory])
      await server.stop()
    },
  }
}

/** SQLite has a limit for it, and the same error as for a full disk. */
export async function openSqliteOnSmallDisk(): Promise<SmallDisk> {
  const directory = mkdtempSync(join(tmpdir(), 'onerow-disk-'))
  const limit = (db: Database, pages: number) =>
    db.execute({ text: `pragma max_page_count = ${pages}`, values: [] })
  return {
    where: join(directory, 'small.db'),
    code: 13,
    confine: async (_, __, db) => void (await limit(db, 10)),
    enlarge: (db) => limit(db, 1000),
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  }
}
