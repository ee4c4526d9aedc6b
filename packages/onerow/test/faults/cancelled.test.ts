import assert from 'node:assert/strict'
import { getOrCreate, updateOrCreate } from 'onerow'
import type { Database } from 'onerow'
import { rejectedByTool } from '../../src/conformance/rejected.ts'
import { createItems } from '../../src/conformance/items.ts'
import { untilSeen, waitingOn } from '../../src/conformance/blocked.ts'
import { errorCode } from './error-code.ts'
import { mariadbInterruptions, postgresInterruptions, terminations } from './interruptions.ts'
import type { Interruption } from './interruptions.ts'
import { openSystems } from './systems.ts'
import type { EngineName } from './systems.ts'
import { kind, verbs } from './verbs.ts'

// A statement is cancelled, or its time is up: somebody wants it to end. So no call tries again; each gives the tool's own
// error, untouched, and has written nothing.

const where = { owner: 1, kind }
const create = { label: 'ours' }

const interruptions: { readonly [Name in EngineName]?: readonly Interruption[] } = {
  postgres: postgresInterruptions,
  mariadb: mariadbInterruptions,
}

for (const system of await openSystems('cancelled', ['postgres', 'mariadb', 'sqlite'])) {
  if (system.engine === 'sqlite')
    system.skip('cancelled in the middle', 'node:sqlite runs a statement to its end before anything else')

  for (const { name, codes, where: at, interrupt, failsOnceMore, keepsConnection } of interruptions[
    system.engine
  ] ?? []) {
    system.test(`${name} while each verb waits for a rival's insert`, async (engine, address) => {
      await using closing = new AsyncDisposableStack()
      const { key, name: table, insertSql, rows } = await createItems(engine)
      const { db, close } = await system.open((await at?.(address, engine)) ?? address, {
        connections: verbs.length,
      })
      closing.defer(close)
      const rival = await engine.session()
      await rival.execute('begin')
      for (const owner of verbs.keys()) await rival.execute(insertSql({ owner, kind }))
      const calls = verbs.map(({ call }, owner) => rejectedByTool(call(db, key, owner)))
      await untilSeen(async () => (await waitingOn(engine, table)) === verbs.length)
      await interrupt?.(engine, table)
      for (const error of await Promise.all(calls))
        assert.ok(
          codes.includes(errorCode(error) ?? ''),
          `${String(errorCode(error))} is none of ${codes.join(', ')}`,
        )
      await rival.execute('rollback')
      if (failsOnceMore?.[0] === system.tool) {
        const errors = await Promise.all(verbs.map(({ call }, owner) => rejectedByTool(call(db, key, owner))))
        for (const error of errors) assert.equal(errorCode(error), failsOnceMore[1])
      }
      assert.deepEqual(await rows(), [])
      for (const [owner, { call }] of verbs.entries())
        assert.deepEqual(
          [(await call(db, key, owner)).created, (await call(db, key, owner)).created],
          [true, false],
        )
      assert.equal((await rows()).length, verbs.length)
    })

    if (!keepsConnection) continue
    system.test(
      `${name} in a caller's transaction: told as it is, and a new transaction gives one row`,
      async (engine) => {
        const { key, name: table, insertSql, rows } = await createItems(engine)
        const rival = await engine.session()
        await rival.execute('begin')
        await rival.execute(insertSql(where))
        const caller = await engine.session()
        await caller.execute('begin')
        const call = rejectedByTool(getOrCreate(caller.db, key, { where, create }))
        await untilSeen(async () => (await waitingOn(engine, table)) === 1)
        await interrupt?.(engine, table)
        assert.ok(codes.includes(errorCode(await call) ?? ''))
        await caller.execute('rollback')
        await rival.execute('rollback')
        await caller.execute('begin')
        assert.equal((await getOrCreate(caller.db, key, { where, create })).created, true)
        await caller.execute('commit')
        assert.equal((await rows()).length, 1)
      },
    )
  }

  const { id, kill } = terminations[system.engine] ?? {}
  if (id === undefined || kill === undefined) continue
  system.test(
    'the connection is ended while an `update` function runs: nothing is written',
    async (engine) => {
      const { key, insertSql, rows } = await createItems(engine)
      await engine.execute(insertSql(where))
      const { db } = await engine.open({ connections: 1 })
      let connection: unknown
      const noted: Database = {
        ...db,
        begin: (work, options) =>
          db.begin(async (tx) => {
            connection = (await tx.execute({ text: id, values: [] }))[0]?.['id']
            return work(tx)
          }, options),
      }
      const call = updateOrCreate(noted, key, {
        where,
        create,
        async update({ amount }) {
          await engine.execute(kill(connection))
          return { amount: amount + 1 }
        },
      })
      await rejectedByTool(call)
      assert.equal((await rows())[0]?.amount, 0)
      const repeat = await updateOrCreate(db, key, {
        where,
        create,
        update: ({ amount }) => ({ amount: amount + 1 }),
      })
      assert.deepEqual([repeat.outcome, repeat.row.amount], ['updated', 1])
    },
  )
}
