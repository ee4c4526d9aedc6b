import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getOrCreate, isOnerowError, keySql, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromTypeOrm, keyMethods, typeOrmTable } from 'onerow/typeorm'
import { EntitySchema, QueryFailedError } from 'typeorm'
import type { DataSource } from 'typeorm'
import { typeOrmEngines } from './typeorm-data-sources.ts'
import type { TypeOrmEngine } from './typeorm-data-sources.ts'

interface Account {
  id: number
  email: string
  name: string
}

const account = new EntitySchema<Account>({
  name: 'Account',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    email: { type: String, length: 100 },
    name: { type: String },
  },
})

const audit = new EntitySchema<{ what: string }>({
  name: 'Audit',
  columns: { what: { type: String, length: 50, primary: true } },
})

/** An application whose pool holds one connection, and a rival with its own. */
async function start({ open }: TypeOrmEngine) {
  // The call that takes a second connection while it holds one never ends here.
  const single = await open([account, audit], { poolSize: 1 })
  const rival = await open([account, audit], { timeout: 0 })
  await single.synchronize(true)
  const accounts = single.getRepository(account)
  const key = uniqueKey(typeOrmTable(accounts), ['email'], { name: 'account_email' })
  await single.query(keySql(key, fromTypeOrm(single).dialect).replace(/;$/, ''))
  const stored = async () => [
    (await rival.getRepository(account).find({ order: { id: 'asc' } })).map(({ name }) => name),
    (await rival.getRepository(audit).find({ order: { what: 'asc' } })).map(({ what }) => what),
  ]
  return { single, rival, key, stored, extended: accounts.extend(keyMethods(key)) }
}

const where = { email: 'ada@example.com' }
const create = { name: 'Ada' }

const engines = await typeOrmEngines('typeorm_transaction')

/** The ways in which TypeORM opens a transaction. */
const ways: Readonly<
  Record<
    string,
    (
      dataSource: DataSource,
      work: (source: { manager: DataSource['manager'] }) => Promise<void>,
    ) => Promise<void>
  >
> = {
  'dataSource.transaction': (dataSource, work) => dataSource.transaction((manager) => work({ manager })),
  'a query runner': async (dataSource, work) => {
    const runner = dataSource.createQueryRunner()
    await runner.startTransaction()
    try {
      await work(runner)
      await runner.commitTransaction()
    } catch (error) {
      await runner.rollbackTransaction()
      throw error
    } finally {
      await runner.release()
    }
  },
}

for (const engine of engines) {
  const { name, skip } = engine
  for (const [way, run] of Object.entries(ways)) {
    test(`on ${name}, in a transaction by ${way}: what it rolls back is gone`, { skip }, async () => {
      const { single, key, stored } = await start(engine)
      const failed = run(single, async ({ manager }) => {
        const made = await getOrCreate(fromTypeOrm(manager), key, { where, create })
        assert.equal(made.created, true)
        assert.equal((await getOrCreate(fromTypeOrm({ manager }), key, { where, create })).created, false)
        await manager.insert(audit, { what: 'x' })
        throw new Error('roll back')
      })
      await assert.rejects(failed, { message: 'roll back' })
      assert.deepEqual(await stored(), [[], []])
    })

    test(
      `on ${name}, in a transaction by ${way}: a lost race spoils nothing in silence`,
      { skip },
      async () => {
        const { single, rival, key, stored } = await start(engine)
        let raced = false
        const committed = run(single, async ({ manager }) => {
          await (name === 'SQLite' ? manager.find(audit) : manager.insert(audit, { what: 'before' }))
          const found = await getOrCreate(fromTypeOrm(manager), key, {
            where,
            async create() {
              await rival.getRepository(account).insert({ ...where, name: 'rival' })
              raced = true
              return create
            },
          })
          assert.deepEqual([found.created, found.row.name], [false, 'rival'])
          await manager.insert(audit, { what: 'later' })
        })
        // SQLite lets a transaction that has read write no more once another has written.
        if (name === 'SQLite') await assert.rejects(committed, { kind: 'retry-transaction' })
        else await committed
        assert.equal(raced, true)
        assert.deepEqual(await stored(), [['rival'], name === 'SQLite' ? [] : ['before', 'later']])
      },
    )
  }

  test(`on ${name}, what tx.client saves is in the transaction of onerow's`, { skip }, async () => {
    const { single, key, stored } = await start(engine)
    const db = fromTypeOrm(single)
    const attempt = (what: string, last: () => void) =>
      transaction(db, async (tx) => {
        const { row } = await getOrCreate(tx, key, { where, create })
        // It opens a transaction of its own where TypeORM knows of none, and its COMMIT would be that of all.
        await tx.client.save(account, { ...row, name: what })
        await tx.client.save(audit, { what })
        assert.equal((await getOrCreate(fromTypeOrm(tx.client), key, { where, create })).row.name, what)
        last()
      })
    const rollBack = () => {
      throw new Error('roll back')
    }
    await assert.rejects(attempt('lost', rollBack), { message: 'roll back' })
    assert.deepEqual(await stored(), [[], []])
    await attempt('kept', () => {})
    assert.deepEqual(await stored(), [['kept'], ['kept']])
    const late = transaction(db, async (tx) => tx).then((tx) => getOrCreate(tx, key, { where, create }))
    await assert.rejects(late, /has ended/)
  })

  test(`on ${name}, a call inside a savepoint is undone with it, and the rest stays`, { skip }, async () => {
    const { single, key, stored } = await start(engine)
    await single.transaction(async (manager) => {
      await manager.insert(audit, { what: 'outside' })
      const inside = manager.transaction(async (nested) => {
        await getOrCreate(fromTypeOrm(nested), key, { where, create })
        throw new Error('undo')
      })
      await assert.rejects(inside, { message: 'undo' })
    })
    assert.deepEqual(await stored(), [[], ['outside']])
  })

  test(`on ${name}, the methods of a repository are on its own manager`, { skip }, async () => {
    const { single, stored, extended } = await start(engine)
    const failed = single.transaction(async (manager) => {
      const accounts = manager.withRepository(extended)
      assert.equal((await accounts.getOrCreate({ where, create })).created, true)
      const { outcome } = await accounts.updateOrCreate({ where, update: { name: 'Lovelace' } })
      assert.equal(outcome, 'updated')
      assert.equal((await accounts.findOneByOrFail(where)).name, 'Lovelace')
      throw new Error('roll back')
    })
    await assert.rejects(failed, { message: 'roll back' })
    assert.deepEqual(await stored(), [[], []])

    const made = await extended.createUnique({ where, create })
    assert.equal(extended.hasId(made), true)
    await assert.rejects(extended.createUnique({ where, create }), { kind: 'already-exists', row: made })
    const longer = ({ name: current }: Account) => ({ name: `${current}!` })
    await Promise.all([1, 2, 3].map(() => extended.updateOrCreate({ where, update: longer, create })))
    assert.deepEqual(await stored(), [['Ada!!!'], []])
  })

  test(`on ${name}, TypeORM's own errors come out`, { skip }, async () => {
    const { single, key } = await start(engine)
    const broken = getOrCreate(fromTypeOrm(single), key, { where, create: { name: null as never } })
    await assert.rejects(broken, (error) => error instanceof QueryFailedError && !isOnerowError(error))
    const runner = single.createQueryRunner()
    await runner.release()
    if (name !== 'SQLite')
      await assert.rejects(getOrCreate(fromTypeOrm(runner), key, { where, create }), {
        name: 'QueryRunnerAlreadyReleasedError',
      })
  })
}

test("on SQLite, a transaction of onerow's has the lock from its start, or none is left open", async () => {
  const engine = engines.find(({ name }) => name === 'SQLite') ?? assert.fail()
  const { single, rival, key, stored } = await start(engine)
  await transaction(fromTypeOrm(single), async () => {
    await assert.rejects(rival.getRepository(audit).insert({ what: 'x' }), { code: 'SQLITE_BUSY' })
    const refused = transaction(fromTypeOrm(rival), async () => assert.fail('began'), { attempts: 1 })
    await assert.rejects(refused, { kind: 'contention' })
  })
  // TypeORM would take it for a part of the transaction that never began, and never commit it.
  await rival.getRepository(audit).save({ what: 'after' })
  await updateOrCreate(fromTypeOrm(rival), key, { where, update: () => ({}), create })
  assert.deepEqual(await stored(), [['Ada'], ['after']])
})
