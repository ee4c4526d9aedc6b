import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { getOrCreate, isOnerowError, transaction, uniqueKey, updateOrCreate } from 'onerow'
import { fromSequelize, sequelizeTable } from 'onerow/sequelize'
import { DataTypes, Model, Sequelize, Transaction } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import { sequelizeEngines } from './sequelize-engines.ts'
import type { SequelizeEngine } from './sequelize-engines.ts'

const engines = await sequelizeEngines('sequelize_transaction')

function defineAccount(sequelize: Sequelize) {
  class Account extends Model<InferAttributes<Account>, InferCreationAttributes<Account>> {
    declare id: CreationOptional<number>
    declare email: string
    declare name: string
  }
  class Audit extends Model<InferAttributes<Audit>> {
    declare what: string
  }
  Account.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      email: { type: DataTypes.STRING(100), allowNull: false, unique: 'account_email' },
      name: { type: DataTypes.STRING, allowNull: false },
    },
    { sequelize, tableName: 'account', timestamps: false },
  )
  Audit.init(
    { what: { type: DataTypes.STRING(50), primaryKey: true } },
    { sequelize, tableName: 'audit', timestamps: false },
  )
  return { Account, Audit }
}

/** An application whose pool holds one connection, and a rival with its own. */
async function start({ name, open, options }: SequelizeEngine) {
  // The call that takes a second connection while it holds one never ends here.
  const single = open({ pool: { max: 1, acquire: 5000 } })
  const { Account, Audit } = defineAccount(single)
  const rival = defineAccount(open({ pool: { max: 70, acquire: 20_000 } }))
  await Account.sync({ force: true })
  await Audit.sync({ force: true })
  if (name === 'SQLite') await single.query('pragma journal_mode = wal')
  const byEmail = uniqueKey(sequelizeTable(Account), ['email'], { name: 'account_email' })
  const stored = async () => [
    (await rival.Account.findAll({ order: ['id'] })).map((account) => account.name),
    (await rival.Audit.findAll({ order: ['what'] })).map(({ what }) => what),
  ]
  const on = (client: Sequelize | Transaction) =>
    client instanceof Transaction ? fromSequelize(client, options) : fromSequelize(client, options)
  return { single, rival, Account, Audit, byEmail, stored, on }
}

const where = { email: 'ada@example.com' }
const create = { name: 'Ada' }

/** The ways in which Sequelize opens a transaction. */
const ways: Readonly<
  Record<string, (sequelize: Sequelize, work: (transaction: Transaction) => Promise<void>) => Promise<void>>
> = {
  'a managed transaction': (sequelize, work) => sequelize.transaction(work),
  'an unmanaged transaction': async (sequelize, work) => {
    const opened = await sequelize.transaction()
    try {
      await work(opened)
      await opened.commit()
    } catch (error) {
      await opened.rollback()
      throw error
    }
  },
}

for (const engine of engines) {
  const { name, skip } = engine
  for (const [way, run] of Object.entries(ways)) {
    test(`on ${name}, in ${way}: what it rolls back is gone`, { skip }, async () => {
      const { single, Audit, byEmail, stored, on } = await start(engine)
      const failed = run(single, async (t) => {
        assert.equal((await getOrCreate(on(t), byEmail, { where, create })).created, true)
        assert.equal((await getOrCreate(on(t), byEmail, { where, create })).created, false)
        await Audit.create({ what: 'x' }, { transaction: t })
        throw new Error('roll back')
      })
      await assert.rejects(failed, { message: 'roll back' })
      assert.deepEqual(await stored(), [[], []])
    })

    test(`on ${name}, in ${way}: a lost race spoils nothing in silence`, { skip }, async () => {
      const { single, rival, Audit, byEmail, stored, on } = await start(engine)
      let raced = false
      const committed = run(single, async (t) => {
        if (name !== 'SQLite') await Audit.create({ what: 'before' }, { transaction: t })
        const found = await getOrCreate(on(t), byEmail, {
          where,
          async create() {
            await rival.Account.create({ ...where, name: 'rival' })
            raced = true
            return create
          },
        })
        assert.deepEqual([found.created, found.row.name], [false, 'rival'])
        await Audit.create({ what: 'later' }, { transaction: t })
      })
      // SQLite lets a transaction that has read write no more once another has written.
      if (name === 'SQLite') await assert.rejects(committed, { kind: 'retry-transaction' })
      else await committed
      assert.equal(raced, true)
      assert.deepEqual(await stored(), [['rival'], name === 'SQLite' ? [] : ['before', 'later']])
    })
  }

  test(`on ${name}, tx.client is the transaction of Sequelize's`, { skip }, async () => {
    const { single, Audit, byEmail, stored, on } = await start(engine)
    const attempt = (what: string, last: () => void) =>
      transaction(on(single), async (tx) => {
        const { row } = await getOrCreate(tx, byEmail, { where, create })
        assert.ok(tx.client instanceof Transaction)
        await row.update({ name: what }, { transaction: tx.client })
        await Audit.create({ what }, { transaction: tx.client })
        assert.equal((await getOrCreate(on(tx.client), byEmail, { where, create })).row.name, what)
        last()
      })
    const rollBack = () => {
      throw new Error('roll back')
    }
    await assert.rejects(attempt('lost', rollBack), { message: 'roll back' })
    assert.deepEqual(await stored(), [[], []])
    await attempt('kept', () => {})
    assert.deepEqual(await stored(), [['kept'], ['kept']])
    const late = transaction(on(single), async (tx) => tx).then((tx) =>
      getOrCreate(tx, byEmail, { where, create }),
    )
    await assert.rejects(late, /has ended/)
    const ended = await single.transaction()
    await ended.commit()
    await assert.rejects(getOrCreate(on(ended), byEmail, { where, create }), /commit has been called/)
  })

  test(`on ${name}, a call inside a savepoint is undone with it, and the rest stays`, { skip }, async () => {
    const { single, Audit, byEmail, stored, on } = await start(engine)
    await single.transaction(async (outer) => {
      await Audit.create({ what: 'outside' }, { transaction: outer })
      const inside = single.transaction({ transaction: outer }, async (nested) => {
        await getOrCreate(on(nested), byEmail, { where, create })
        throw new Error('undo')
      })
      await assert.rejects(inside, { message: 'undo' })
    })
    assert.deepEqual(await stored(), [[], ['outside']])
  })

  test(`on ${name}, Sequelize's own errors come out, and it logs what is sent`, { skip }, async () => {
    const { byEmail } = await start(engine)
    const logged: string[] = []
    const sequelize = engine.open({ logging: (text) => void logged.push(text) })
    const db = fromSequelize(sequelize, engine.options)
    const broken = getOrCreate(db, byEmail, { where, create: { name: null as never } })
    await assert.rejects(
      broken,
      (error: Error) => error.name.startsWith('Sequelize') && !isOnerowError(error),
    )
    await getOrCreate(db, byEmail, { where, create })
    assert.match(logged.at(-1) ?? '', /^Executing \(default\): .*insert into .account./s)
    assert.ok(!logged.some((text) => text.includes(where.email)), 'a value stands in the SQL')
  })

  test(`on ${name}, 64 transactions on a pool of 10 each make a row and meet at one`, { skip }, async () => {
    const { byEmail, stored, on } = await start(engine)
    const pool = engine.open({ pool: { max: 10, acquire: 60_000 } })
    const callers = Array.from({ length: 64 }, () =>
      transaction(on(pool), (tx) => getOrCreate(tx, byEmail, { where, create })),
    )
    const results = await Promise.all(callers)
    assert.equal(results.filter(({ created }) => created).length, 1)
    assert.equal(new Set(results.map(({ row }) => row.id)).size, 1)
    assert.deepEqual(await stored(), [['Ada'], []])
  })
}

test('a dialect that onerow does not know is refused', () => {
  const sequelize = { getDialect: () => 'mssql', connectionManager: {} }
  assert.throws(() => fromSequelize(sequelize as unknown as Sequelize), {
    name: 'TypeError',
    message: /dialect "mssql", only postgres, mariadb, mysql and sqlite/,
  })
})

test('with a CLS namespace, a call joins the transaction that it is made in, as those of Sequelize do', async () => {
  const engine = engines[0] ?? assert.fail()
  const { single, Account, byEmail, stored } = await start(engine)
  const storage = new AsyncLocalStorage<Map<string, unknown>>()
  const namespace = {
    get: (key: string) => storage.getStore()?.get(key),
    set: (key: string, value: unknown) => void storage.getStore()?.set(key, value),
    run: (work: (context: unknown) => unknown) => storage.run(new Map(), () => work(storage.getStore())),
    bind: <Work>(work: Work) => work,
  }
  Sequelize.useCLS(namespace)
  try {
    const db = fromSequelize(single)
    const failed = single.transaction(async () => {
      await getOrCreate(db, byEmail, { where, create })
      // By function: on the pool, this would open a transaction of its own.
      await updateOrCreate(db, byEmail, { where, update: () => ({ name: 'Lovelace' }), create })
      assert.deepEqual(
        (await Account.findAll()).map((account) => account.name),
        ['Lovelace'],
      )
      await assert.rejects(
        transaction(db, async () => {}),
        /in a transaction already/,
      )
      throw new Error('roll back')
    })
    await assert.rejects(failed, { message: 'roll back' })
    await transaction(db, (tx) => getOrCreate(tx, byEmail, { where, create }))
  } finally {
    // There is no call that takes a namespace away.
    Reflect.deleteProperty(Sequelize, '_cls')
  }
  assert.deepEqual(await stored(), [['Ada'], []])
})
