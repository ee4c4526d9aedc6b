import assert from 'node:assert/strict'
import { verifyKeys } from 'onerow'
import { createItems } from '../../src/conformance/items.ts'
import { rejectedByTool } from '../../src/conformance/rejected.ts'
import { errorCode } from './error-code.ts'
import { readOnly } from './read-only.ts'
import { openSystems } from './systems.ts'
import { kind, verbs } from './verbs.ts'

// A server that has become a standby, or is under maintenance, or whose disk is full and which therefore refuses writes.

for (const { engine: engineName, open, test } of await openSystems('read_only', [
  'postgres',
  'mariadb',
  'sqlite',
])) {
  for (const { name, code, where: at, set, hits } of readOnly[engineName]) {
    test(`${name}: a write is refused by the tool's own error, and made when it can be`, async (engine, where) => {
      const { key, insertSql, rows } = await createItems(engine)
      const here = -1
      await engine.execute(insertSql({ owner: here, kind }))
      await using closing = new AsyncDisposableStack()
      const opened = await open((await at?.(where, engine)) ?? where, {})
      closing.defer(opened.close)
      // One connection: after an error, some pools take a new one, which would be of the server's defaults.
      const { db, close } = await opened.session()
      closing.defer(close)
      try {
        await set(true, db, engine)
        for (const [owner, { name: verb, call }] of verbs.entries()) {
          assert.equal(errorCode(await rejectedByTool(call(db, key, owner))), code, verb)
          if (hits.includes(verb)) assert.equal((await call(db, key, here)).created, false, verb)
          else assert.equal(errorCode(await rejectedByTool(call(db, key, here))), code, verb)
        }
        assert.deepEqual(await verifyKeys(db, [key]), [])
        await set(false, db, engine)
        assert.equal((await rows()).length, 1)
        for (const [owner, { call }] of verbs.entries()) {
          assert.equal((await call(db, key, owner)).created, true)
          assert.equal((await call(db, key, here)).created, false)
        }
        assert.equal((await rows()).length, 1 + verbs.length)
      } finally {
        await set(false, db, engine)
      }
    })
  }
}
