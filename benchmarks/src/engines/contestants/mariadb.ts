import { createPool } from 'mariadb'
import { fromMariadb } from 'onerow/mariadb'
import { connections } from '../../client.ts'
import { only } from '../../contestant.ts'
import type { Item } from '../../item-table.ts'
import type { EngineDriver, EngineTool } from '../engine-contestant.ts'
import { mariadbText, unlessThere } from '../mariadb-text.ts'

export const tool: EngineTool = {
  engine: 'MariaDB',
  coalesces: true,
  open(url) {
    const { hostname: host, port, username: user, password, pathname } = new URL(url)
    const pool = createPool({
      host,
      port: Number(port),
      user,
      password,
      database: pathname.slice(1),
      connectionLimit: connections,
      idleTimeout: 3600,
    })
    const rows = (text: string, values: (number | string)[]): Promise<readonly Item[]> =>
      pool.execute<readonly Item[]>(text, values)
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
      onerow: fromMariadb(pool),
      onerowAlone: fromMariadb(pool, { coalesce: false }),
      close: () => pool.end(),
    }
  },
}
