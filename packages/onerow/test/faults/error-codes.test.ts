import assert from 'node:assert/strict'
import { transaction } from 'onerow'
import type { Database } from 'onerow'
import { rejected, rejectedAs } from '../../src/conformance/rejected.ts'
import { errorCode } from './error-code.ts'
import { openScene } from './error-case.ts'
import type { ErrorCase, Scene } from './error-case.ts'
import { mariadbErrorCases } from './error-cases-mariadb.ts'
import { postgresErrorCases } from './error-cases-postgres.ts'
import { sqliteErrorCases } from './error-cases-sqlite.ts'
import { openSystems } from './systems.ts'
import type { EngineName } from './systems.ts'

// Each error by which a database says that a race was lost, brought about for real. Retried when the call owns its
// transaction; when the caller owns it, told as `retry-transaction`.

const errorCases: { readonly [Name in EngineName]: readonly ErrorCase[] } = {
  postgres: postgresErrorCases,
  mariadb: mariadbErrorCases,
  sqlite: sqliteErrorCases,
}

/** The row is there, once, and so is the rival's. */
async function assertOneRowEach({ pending, rows }: Scene): Promise<void> {
  await Promise.all(pending)
  const owners = (await rows()).map(({ owner }) => owner)
  assert.ok(owners.includes(1))
  assert.equal(new Set(owners).size, owners.length)
}

for (const system of await openSystems('error_codes', ['postgres', 'mariadb', 'sqlite'])) {
  for (const errorCase of errorCases[system.engine]) {
    const { code, name, at, isolation, begin, inTransaction, alone, neverInOurs } = errorCase
    const named = (what: string) => `${name} (${code}): ${what}`

    const retriedByTheCall = named('a call that owns its transaction goes on')
    if (typeof alone === 'string') system.skip(retriedByTheCall, alone)
    else
      system.test(retriedByTheCall, async (engine) => {
        const scene = await openScene(engine, errorCase)
        await alone(scene)
        assert.deepEqual(scene.codes, [code])
        await assertOneRowEach(scene)
      })

    system.test(named("in a caller's transaction it is told, and a repeat gives one row"), async (engine) => {
      const scene = await openScene(engine, errorCase)
      const { caller } = scene
      for (const statement of begin) await caller.execute(statement)
      const work = inTransaction(scene, caller.db, 1)
      if (at === 'commit') {
        await work
        assert.equal(errorCode(await rejected(caller.execute('commit'))), code)
      } else {
        const error = await rejectedAs('retry-transaction', work)
        assert.equal(error.retryable, true)
        assert.equal(errorCode(error.cause), code)
        await caller.execute('rollback')
      }
      await Promise.all(scene.pending)
      for (const statement of begin) await caller.execute(statement)
      await inTransaction(scene, caller.db, 2)
      await caller.execute('commit')
      assert.deepEqual(scene.codes, at === 'commit' ? [] : [code])
      await assertOneRowEach(scene)
    })

    const retriedByTransaction = named('`transaction` runs its work again')
    if (neverInOurs !== undefined) system.skip(retriedByTransaction, neverInOurs)
    else
      system.test(retriedByTransaction, async (engine) => {
        const scene = await openScene(engine, errorCase)
        let runs = 0
        const work = async (tx: Database) => {
          // What the rival waited for is free now; were we to take it again first, there could be a second deadlock.
          await Promise.all(scene.pending)
          return inTransaction(scene, tx, ++runs)
        }
        await transaction(scene.caller.db, work, { isolation })
        assert.deepEqual(scene.codes, [code])
        await assertOneRowEach(scene)
      })
  }
}
