import { createPool } from 'mysql2/promise'
import type { RowDataPacket } from 'mysql2/promise'
import { fromMysql2 } from 'onerow/mysql2'
import { connections } from '../../client.ts'
import { only } from '../../contestant.ts'
import type { Item } from '../../item-table.ts'
import type { EngineDriver, EngineTool } from '../engine-contestant.ts'
import { mariadbText, unlessThere } from '../mariadb-text.ts'

type ItemRow = Item & RowDataPacket

export const tool: EngineTool = {
  engine: 'MariaDB',
  coalesces: true,
  open(uri) {
    const pool = createPool({
      uri,
      connectionLimit: connections,
      maxIdle: connections,
      idleTimeout: 3_600_000,
    })
    const rows = async (text: string, values: (number | string)[]): Promise<readonly Item[]> =>
      (await pool.execute<ItemRow[]>(text, values))[0]
    const insert: EngineDriver['insert'] = async (...values) => only(await rows(mariadbText.insert, values))
    return {
      find: async (...key) => (await rows(mariadbText.find, key))[0],
      insert,
      insertUnlessThere: (...values) => unlessThere(insert(...values)),
      findAll: (keys) =>
        rows(
          mariadbText.findAll(keys.length),
          keys.flatMap(({ owner, kind }) => [owner, kind]),
        ),
      insertAll: (items) =>
        rows(
          mariadbText.insertAll(items.length),
          items.flatMap(({ owner, kind, label }) => [owner, kind, label]),
        ),
      onerow: fromMysql2(pool, { server: 'mariadb' }),
      onerowAlone: fromMysql2(pool, { server: 'mariadb', coalesce: false }),
      close: () => pool.end(),
    }
  },
}
