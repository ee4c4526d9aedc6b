import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasMariadb } from '@onerow/servers'
import type { Database } from 'onerow'
import { createItems } from '../../src/conformance/items.ts'
import type { Items } from '../../src/conformance/items.ts'
import { rejectedByTool } from '../../src/conformance/rejected.ts'
import { errorCode } from './error-code.ts'
import {
  cannotMount,
  openSqliteOnSmallDisk,
  startMariadbOnSmallDisk,
  startPostgresOnSmallDisk,
} from './full-disk.ts'
import type { SmallDisk } from './full-disk.ts'
import { onEngine, systems } from './systems.ts'
import type { EngineName } from './systems.ts'
import { kind, verbs } from './verbs.ts'

// The disk is full: what is there can be read, what cannot be written is told, and half a row is never left behind.

const noMount = cannotMount()

const disks: {
  readonly [Name in EngineName]: {
    readonly skip?: string | undefined
    readonly start: () => Promise<SmallDisk>
  }
} = {
  postgres: { skip: noMount, start: startPostgresOnSmallDisk },
  mariadb: {
    skip: hasMariadb() ? noMount : 'MariaDB is not installed',
    start: startMariadbOnSmallDisk,
  },
  sqlite: { start: openSqliteOnSmallDisk },
}

/** Adds rows that are smaller than those of the verbs, each after the last, until there is no room; tells how many. */
async function fill(db: Database, { insertSql }: Items, code: SmallDisk['code']): Promise<number> {
  for (let owner = 1; ; owner++) {
    const statement = { text: insertSql({ owner, kind, label: '' }), values: [] }
    const error = await db.execute(statement).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error === undefined) continue
    assert.equal(errorCode(error), code)
    return owner - 1
  }
}

for (const system of systems) {
  const name = `${system.name}: the disk is full: the tool's own error, and one row when there is room again`
  const { skip, start } = disks[system.engine]
  test(name, skip === undefined ? { timeout: 60_000 } : { skip, timeout: 60_000 }, async () => {
    await using disk = await start()
    await onEngine(system, disk.where, async (engine) => {
      const items = await createItems(engine)
      const { key, rows } = items
      const { db } = await engine.open({ connections: 2 })
      await disk.confine?.(engine, items, db)
      const filled = await fill(db, items, disk.code)
      assert.ok(filled > 0)
      const last = 1_000_000
      for (const [index, { name: verb, call }] of verbs.entries()) {
        const error = await rejectedByTool(call(db, key, last + index))
        assert.equal(errorCode(error), disk.code, verb)
      }
      assert.equal((await verbs[0]?.call(db, key, 1))?.created, false, 'a row that is there is found')
      assert.equal((await rows()).length, filled)
      await disk.enlarge(db)
      for (const [index, { call }] of verbs.entries()) {
        assert.equal((await call(db, key, last + index)).created, true)
        assert.equal((await call(db, key, last + index)).created, false)
      }
      assert.equal((await rows()).length, filled + verbs.length)
    })
  })
}
