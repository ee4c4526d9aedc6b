// What Sequelize's own calls do where a rival makes the row between their read and their insert, and what onerow does there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keySql, uniqueKey } from 'onerow'
import { fromSequelize, keyMethods, sequelizeTable } from 'onerow/sequelize'
import {
  ConnectionAcquireTimeoutError,
  DataTypes,
  Model,
  Transaction,
  UniqueConstraintError,
} from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, Options } from 'sequelize'
import { sequelizeEngines } from './sequelize-engines.ts'
import type { SequelizeEngine } from './sequelize-engines.ts'

const engines = (await sequelizeEngines('sequelize_own_calls')).filter(({ name }) => name !== 'SQLite')

async function start({ open, options }: SequelizeEngine, settings: Options) {
  const sequelize = open(settings)
  const rivals = open()
  class Account extends Model<InferAttributes<Account>, InferCreationAttributes<Account>> {
    declare id: CreationOptional<number>
    declare email: string
    declare name: string
  }
  Account.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      email: { type: DataTypes.STRING(100), allowNull: false },
      name: { type: DataTypes.STRING, allowNull: false },
    },
    { sequelize, tableName: 'account', timestamps: false },
  )
  await Account.sync({ force: true })
  const byEmail = uniqueKey(sequelizeTable(Account), ['email'], { name: 'account_email' })
  await sequelize.query(keySql(byEmail, fromSequelize(sequelize, options).dialect))
  let races = 0
  /** Makes the row on a connection of its own, as another process would. */
  const rival = async (email: string) => {
    races++
    await rivals.query(`insert into account (email, name) values ('${email}', 'rival')`)
  }
  // After the read of Sequelize's own calls, and before their insert.
  Account.addHook('beforeCreate', (account: Model) => rival((account as Account).email))
  return { sequelize, Account, accounts: keyMethods(byEmail, options), rival, races: () => races }
}

const where = { email: 'ada@example.com' }
const defaults = { ...where, name: 'Ada' }

for (const engine of engines) {
  const { name, skip } = engine

  test(`on ${name}, findOrCreate waits for a second connection while it holds one`, { skip }, async () => {
    // The time in which a busy machine connects, too.
    const { Account, accounts, rival, races } = await start(engine, { pool: { max: 1, acquire: 2000 } })
    await assert.rejects(Account.findOrCreate({ where, defaults }), ConnectionAcquireTimeoutError)
    await Account.truncate()
    const { row, created } = await accounts.getOrCreate({
      where,
      create: async () => {
        await rival(where.email)
        return { name: 'Ada' }
      },
    })
    assert.deepEqual([created, row.name, races()], [false, 'rival', 2])
  })

  test(
    `on ${name}, in a transaction that has a snapshot, only onerow gives the row or says why not`,
    { skip },
    async () => {
      const { sequelize, Account, accounts, rival } = await start(engine, {
        isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ,
      })
      const own = sequelize.transaction((transaction) =>
        Account.findOrCreate({ where, defaults, transaction }),
      )
      await assert.rejects(own, UniqueConstraintError)
      await Account.truncate()
      const other = sequelize.transaction((transaction) =>
        Account.findCreateFind({ where, defaults, transaction }),
      )
      // On MariaDB null, though its type says that there is an account.
      if (name === 'PostgreSQL') await assert.rejects(other, { name: 'SequelizeDatabaseError' })
      else assert.deepEqual(await other, [null, false])
      await Account.truncate()
      const ours = sequelize.transaction((transaction) =>
        accounts.getOrCreate({
          where,
          create: async () => {
            await rival(where.email)
            return { name: 'Ada' }
          },
          transaction,
        }),
      )
      if (name === 'PostgreSQL') await assert.rejects(ours, { kind: 'retry-transaction' })
      else assert.equal((await ours).row.name, 'rival')
    },
  )
}
