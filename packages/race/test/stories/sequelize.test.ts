import { after } from 'node:test'
import { testDatabase } from '@onerow/servers'
import { pgSessions } from '@onerow/race/pg'
import { getOrCreate, keySql, uniqueKey } from 'onerow'
import { fromSequelize, sequelizeTable } from 'onerow/sequelize'
import pg from 'pg'
import { DataTypes, Model, Sequelize, ValidationError } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, Transaction } from 'sequelize'
import { testStory } from './story-tests.ts'

const database = await testDatabase({ name: 'race_stories_sequelize' })
const sequelize = new Sequelize(database.url, { logging: false, dialectModule: pg })
const onerow = fromSequelize(sequelize, { coalesce: false })
const sessions = pgSessions(pg, { connectionString: database.url })
after(async () => {
  await sequelize.close()
  await database.drop()
})

class Race extends Model<InferAttributes<Race>, InferCreationAttributes<Race>> {
  declare id: CreationOptional<number>
  declare userId: string
  declare name: string
}
Race.init(
  {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
    userId: { type: DataTypes.STRING(32), allowNull: false },
    name: { type: DataTypes.STRING(32), allowNull: false },
  },
  { sequelize, tableName: 'race', underscored: true, timestamps: false },
)
await Race.sync()

const byUser = uniqueKey(sequelizeTable(Race), ['userId'], { name: 'race_user_id' })
const where = { userId: 'c53b8ba212ef4f15b2365e1bb3d524fe' }
const defaults = { ...where, name: 'foo' }
const race = { where, create: { name: 'foo' } }

async function findThenCreate(transaction?: Transaction) {
  const options = transaction ? { transaction } : {}
  return (await Race.findOne({ where, ...options })) ?? Race.create(defaults, options)
}

testStory({
  name: 'Sequelize, story 1',
  sessions,
  setup: () => Race.destroy({ where: {} }),
  read: () => Race.findAll(),
  ways: {
    findOrCreate: () => Race.findOrCreate({ where, defaults }),
    findCreateFind: () => Race.findCreateFind({ where, defaults }),
    'findOne, then create': () => findThenCreate(),
    'findOne, then create, in a transaction': () => sequelize.transaction(findThenCreate),
  },
  cure: () => sequelize.query(keySql(byUser, onerow.dialect)),
  cured: {
    onerow: () => getOrCreate(onerow, byUser, race),
    'onerow in a transaction': () =>
      sequelize.transaction((transaction) => getOrCreate(fromSequelize(transaction), byUser, race)),
  },
})

class Document extends Model<InferAttributes<Document>, InferCreationAttributes<Document>> {
  declare id: CreationOptional<number>
  declare userId: number
  declare documentType: 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'
  declare document: string
}
Document.init(
  {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
    userId: { type: DataTypes.INTEGER, allowNull: false },
    documentType: { type: DataTypes.STRING, allowNull: false },
    document: { type: DataTypes.STRING, allowNull: false },
  },
  { sequelize, tableName: 'document', underscored: true, timestamps: false },
)
await Document.sync()

/** Guards the rule in the application: `save()` calls it. */
Document.beforeSave(async ({ userId, documentType }, { transaction = null }) => {
  if (documentType === 'SALARY_SLIP') return
  const count = await Document.count({ where: { userId, documentType }, transaction })
  if (count > 0) throw new ValidationError('Not allowed', [])
})

const identityCard = uniqueKey(sequelizeTable(Document), ['userId', 'documentType'], {
  name: 'unique_user_unique_document_type',
  condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'] },
})
const aadhaar = { userId: 7, documentType: 'AADHAAR_CARD' } as const
const slip = { userId: 7, documentType: 'SALARY_SLIP' } as const
const card = { where: aadhaar, create: { document: 'scan.pdf' } }

testStory({
  name: 'Sequelize, story 2',
  sessions,
  setup: () => Document.destroy({ where: {} }),
  read: () => Document.findAll({ where: aadhaar }),
  ways: {
    'a check in beforeSave, then the insert': () => Document.create({ ...aadhaar, document: 'scan.pdf' }),
    'findOrCreate with that check': () =>
      Document.findOrCreate({ where: aadhaar, defaults: { ...aadhaar, document: 'scan.pdf' } }),
  },
  cure: () => sequelize.query(keySql(identityCard, onerow.dialect)),
  cured: {
    onerow: () => getOrCreate(onerow, identityCard, card),
    'onerow in a transaction': () =>
      sequelize.transaction((transaction) => getOrCreate(fromSequelize(transaction), identityCard, card)),
  },
  free: {
    save: () => Document.create({ ...slip, document: 'scan.pdf' }),
    read: () => Document.findAll({ where: slip }),
  },
})
