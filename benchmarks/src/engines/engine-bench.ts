import { rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startMariadb } from '@onerow/servers'
import { createPool } from 'mariadb'
import type { Engine } from './engine-contestant.ts'
import { firstFresh, itemKinds, itemLabel } from '../item-table.ts'
import { sqliteSettings } from './sqlite-text.ts'

/** A database with the table. */
export interface EngineBench {
  /** The server's url, or the database's file. */
  readonly target: string
  readonly version: string
  /** Makes the table one with a row for each kind of each owner up to the last, or of every second of them. */
  readonly refill: (lastOwner: number, step: 1 | 2) => Promise<void>
  /** Takes away what calls have made of fresh keys. */
  readonly removeFresh: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** What differs from MariaDB's defaults: enough memory, and a disk that is not waited for, as with PostgreSQL. */
export const mariadbSettings = {
  'innodb-buffer-pool-size': '512M',
  'innodb-flush-log-at-trx-commit': '0',
  'max-prepared-stmt-count': '100000',
} as const

export function openEngineBench(engine: Engine): Promise<EngineBench> {
  return engine === 'MariaDB' ? openMariadbBench() : openSqliteBench()
}

const kinds = itemKinds.map((kind) => `select '${kind}' as kind`).join(' union all ')

async function openMariadbBench(): Promise<EngineBench> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startMariadb({ settings: mariadbSettings }))
  const { host, port, user, password, version } = server
  const pool = createPool({ host, port, user, password, connectionLimit: 1, database: 'information_schema' })
  stack.defer(() => pool.end())
  await pool.query('create database bench')
  await pool.query(`
    create table bench.item (
      id int auto_increment primary key,
      owner int not null,
      kind varchar(20) character set ascii not null,
      label varchar(100) not null,
      unique key item_owner_kind (owner, kind)
    )`)
  const opened = stack.move()
  return {
    target: `${server.url}bench`,
    version,
    async refill(lastOwner, step) {
      await pool.query('truncate bench.item')
      await pool.query(
        `insert into bench.item (owner, kind, label)
         select seq, kind, '${itemLabel}' from bench.seq_${step}_to_${lastOwner}_step_${step}, (${kinds}) as kinds`,
      )
      await pool.query('analyze table bench.item')
    },
    async removeFresh() {
      await pool.query(`delete from bench.item where owner >= ${firstFresh}`)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function openSqliteBench(): Promise<EngineBench> {
  const folder = mkdtempSync(join(tmpdir(), 'onerow-bench-'))
  const target = join(folder, 'bench.db')
  const database = new DatabaseSync(target, { timeout: 10_000 })
  database.exec(`${sqliteSettings};
    create table item (
      id integer primary key,
      owner integer not null,
      kind text not null,
      label text not null
    );
    create unique index item_owner_kind on item (owner, kind)`)
  return {
    target,
    version: process.versions['sqlite'] ?? 'unknown',
    async refill(lastOwner, step) {
      database.exec(`
        delete from item;
        with recursive owners (owner) as (
          select ${step} union all select owner + ${step} from owners where owner + ${step} <= ${lastOwner}
        )
        insert into item (owner, kind, label) select owner, kind, '${itemLabel}' from owners, (${kinds});
        analyze;
        pragma wal_checkpoint(truncate)`)
    },
    async removeFresh() {
      database.exec(`delete from item where owner >= ${firstFresh}; pragma wal_checkpoint(truncate)`)
    },
    async [Symbol.asyncDispose]() {
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
