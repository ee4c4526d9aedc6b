import { uniqueKey } from 'onerow'
import { keyMethods, sequelizeTable } from 'onerow/sequelize'
import { DataTypes, Model, Sequelize, UniqueConstraintError } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import type { DataTool } from './data-tool.ts'

class Account extends Model<InferAttributes<Account>, InferCreationAttributes<Account>> {
  declare id: CreationOptional<number>
  declare email: string
  declare name: string
}

const name = 'Ada'

export const sequelizeTool: DataTool = {
  name: 'Sequelize 6.37.8',
  async open(url, max) {
    const sequelize = new Sequelize(url, { logging: false, pool: { max, acquire: 5000 } })
    // All connections opened, as in a server that has been up for a while: opened one by one, they keep the callers apart.
    await Promise.all(Array.from({ length: max }, () => sequelize.authenticate()))
    class StoredAccount extends Account {}
    StoredAccount.init(
      {
        id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
        email: { type: DataTypes.TEXT, allowNull: false },
        name: { type: DataTypes.TEXT, allowNull: false },
      },
      { sequelize, tableName: 'account', timestamps: false },
    )
    const byEmail = uniqueKey(sequelizeTable(StoredAccount), ['email'], { name: 'account_email' })
    const accounts = keyMethods(byEmail)
    return {
      onerow: (email) => accounts.getOrCreate({ where: { email }, create: { name } }),
      own: {
        async findOrCreate(email) {
          const [row, created] = await StoredAccount.findOrCreate({
            where: { email },
            defaults: { email, name },
          })
          return { row, created }
        },
        async findCreateFind(email) {
          const [row, created] = await StoredAccount.findCreateFind({
            where: { email },
            defaults: { email, name },
          })
          return { row, created }
        },
        async 'findOne, then create'(email) {
          const row = await StoredAccount.findOne({ where: { email } })
          return row
            ? { row, created: false }
            : { row: await StoredAccount.create({ email, name }), created: true }
        },
        async 'findOne, then create, then findOne'(email) {
          const row = await StoredAccount.findOne({ where: { email } })
          if (row) return { row, created: false }
          try {
            return { row: await StoredAccount.create({ email, name }), created: true }
          } catch (error) {
            if (!(error instanceof UniqueConstraintError)) throw error
            const winner = await StoredAccount.findOne({ where: { email }, rejectOnEmpty: true })
            return { row: winner, created: false }
          }
        },
        async upsert(email) {
          const [row, created] = await StoredAccount.upsert({ email, name }, { conflictFields: ['email'] })
          return { row, created: created ?? undefined }
        },
      },
      close: () => sequelize.close(),
    }
  },
}
