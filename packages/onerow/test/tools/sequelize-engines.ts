import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { installCommand, testDatabase, testMariadb } from '@onerow/servers'
import type { SequelizeOptions } from 'onerow/sequelize'
import mariadb from 'mariadb'
import mysql2 from 'mysql2'
import pg from 'pg'
import { Sequelize } from 'sequelize'
import type { Options } from 'sequelize'
import { mysqlUrl } from '../conformance/open-sequelize.ts'
import { sqlite3Module } from '../conformance/sqlite3-module.ts'

/** An engine, with a database on it for the tests of one file. */
export interface SequelizeEngine {
  readonly name: 'PostgreSQL' | 'SQLite' | 'MariaDB' | 'MariaDB by mysql2'
  /** Why its tests cannot run here. */
  readonly skip: string | false
  /** What to tell onerow of it. */
  readonly options: SequelizeOptions
  /** A Sequelize that is closed when the tests have ended. */
  readonly open: (settings?: Options) => Sequelize
}

/** The engines that Sequelize is tested on, each with a database of this name. */
export async function sequelizeEngines(name: string): Promise<readonly SequelizeEngine[]> {
  const onPostgres = await testDatabase({ name })
  const onMariadb = await testMariadb({ name })
  const directory = await mkdtemp(join(tmpdir(), `onerow-${name}-`))
  const opened: Sequelize[] = []
  after(async () => {
    for (const sequelize of opened) await sequelize.close()
    await onPostgres.drop()
    await onMariadb?.drop()
    await rm(directory, { recursive: true })
  })
  const opener =
    (options: Options, url?: string): SequelizeEngine['open'] =>
    (settings) => {
      const all = { logging: false, ...options, ...settings }
      const sequelize = url === undefined ? new Sequelize(all) : new Sequelize(url, all)
      opened.push(sequelize)
      return sequelize
    }
  const skip = onMariadb ? false : `MariaDB is not installed: ${installCommand.mariadb}`
  return [
    {
      name: 'PostgreSQL',
      skip: false,
      options: {},
      open: opener({ dialect: 'postgres', dialectModule: pg }, onPostgres.url),
    },
    {
      name: 'SQLite',
      skip: false,
      options: {},
      open: opener({ dialect: 'sqlite', dialectModule: sqlite3Module(), storage: join(directory, 'app.db') }),
    },
    {
      name: 'MariaDB',
      skip,
      options: {},
      open: opener({ dialect: 'mariadb', dialectModule: mariadb }, onMariadb?.url),
    },
    {
      name: 'MariaDB by mysql2',
      skip,
      options: { server: 'mariadb' },
      open: opener({ dialect: 'mysql', dialectModule: mysql2 }, onMariadb && mysqlUrl(onMariadb.url)),
    },
  ]
}
