import { DataTypes, Model, Sequelize } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import type { GetOrCreate, NodeContestant } from '../contestant.ts'

class Item extends Model<InferAttributes<Item>, InferCreationAttributes<Item>> {
  declare id: CreationOptional<number>
  declare owner: number
  declare kind: string
  declare label: string
}

export const contestants: readonly NodeContestant[] = [
  {
    name: 'Sequelize: findOrCreate',
    kind: 'own',
    isOrm: true,
    safe: true,
    main: true,
    note: 'opens a transaction of its own',
    open: onSequelize(async (owner, kind, label) => {
      const [row] = await Item.findOrCreate({ where: { owner, kind }, defaults: { owner, kind, label } })
      return row
    }),
  },
  {
    name: 'Sequelize: findCreateFind',
    kind: 'own',
    isOrm: true,
    safe: true,
    open: onSequelize(async (owner, kind, label) => {
      const [row] = await Item.findCreateFind({ where: { owner, kind }, defaults: { owner, kind, label } })
      return row
    }),
  },
]

function onSequelize(getOrCreate: GetOrCreate): NodeContestant['open'] {
  return async (url, connections) => {
    const sequelize = new Sequelize(url, { logging: false, pool: { min: connections, max: connections } })
    Item.init(
      {
        id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
        owner: { type: DataTypes.INTEGER, allowNull: false },
        kind: { type: DataTypes.TEXT, allowNull: false },
        label: { type: DataTypes.TEXT, allowNull: false },
      },
      { sequelize, tableName: 'item', timestamps: false },
    )
    return { getOrCreate, close: () => sequelize.close() }
  }
}
