import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import { DataSource } from 'typeorm'
import type { DataSourceOptions, MixedList } from 'typeorm'

type Entities = NonNullable<Exclude<DataSourceOptions['entities'], MixedList<string>>>

/** An engine, with a database on it for the tests of one file. */
export interface TypeOrmEngine {
  readonly name: 'PostgreSQL' | 'SQLite' | 'MariaDB'
  /** Why its tests cannot run here. */
  readonly skip: string | false
  /** A data source that is closed when the tests have ended. */
  readonly open: (entities: Entities, settings?: object) => Promise<DataSource>
}

/** The engines that TypeORM is tested on, each with a database of this name. */
export async function typeOrmEngines(name: string): Promise<readonly TypeOrmEngine[]> {
  const onPostgres = await testDatabase({ name })
  const onMariadb = await testMariadb({ name })
  const directory = await mkdtemp(join(tmpdir(), `onerow-${name}-`))
  const opened: DataSource[] = []
  after(async () => {
    for (const dataSource of opened) await dataSource.destroy()
    await onPostgres.drop()
    await onMariadb?.drop()
    await rm(directory, { recursive: true })
  })
  const opener =
    (options: DataSourceOptions): TypeOrmEngine['open'] =>
    async (entities, settings) => {
      const dataSource = new DataSource({ ...options, entities, logging: false, ...settings })
      opened.push(await dataSource.initialize())
      return dataSource
    }
  const database = join(directory, 'app.db')
  return [
    { name: 'PostgreSQL', skip: false, open: opener({ type: 'postgres', url: onPostgres.url }) },
    { name: 'SQLite', skip: false, open: opener({ type: 'better-sqlite3', database, enableWAL: true }) },
    {
      name: 'MariaDB',
      skip: onMariadb ? false : `MariaDB is not installed: ${installCommand.mariadb}`,
      open: opener({ type: 'mariadb', url: onMariadb?.url ?? '' }),
    },
  ]
}
